#include "run/keeping.hpp"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "base/error.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::run {
namespace {

void add_columns(const measure::Set& set, Kept& kept) {
  for (auto& [name, column] : set.rows.table->columns(set.rows.ids))
    kept[set.name + "/" + name] = column.detach().cpu();
  const auto numbers = kept.try_emplace(set.name + "/rows");
  if (numbers.second) numbers.first->second = at::tensor(set.rows.ids, at::kLong);
}

void add_parameters(const learn::Networks& networks, const nn::Parameters& parameters,
                    const std::string& before, Kept& kept) {
  const tensor::Layout& layout = networks.network().layout();
  for (std::size_t i = 0; i < layout.segments().size(); ++i)
    kept[before + layout.segments()[i].name] = layout.view(parameters.theta(), i);
}

/// The copy that was made last as "target/", the one before it as "target-1/".
void add_targets_of(const learn::Networks& networks, Kept& kept) {
  if (!networks.has_target()) return;
  for (std::int64_t ago = 0; ago < networks.averaged(learn::Net::target); ++ago)
    add_parameters(networks, networks.of(learn::Net::target, ago),
                   ago == 0 ? "target/" : "target-" + std::to_string(ago) + "/", kept);
}

/// What these transitions' losses and errors are measured against, by objective.
void add_targets(const measure::Subject& subject, const measure::Set& set, learn::Passes& passes,
                 Kept& kept) {
  for (const char* name : {"own", "td"}) {
    const learn::Objective* objective = subject.objective(name);
    if (objective == nullptr) continue;
    learn::Aims aims;
    objective->aims(set.rows, passes, aims);
    const std::string before = set.name + "/" + name;
    if (aims.targets.defined()) kept[before + ".targets"] = aims.targets.clone();
    if (aims.discounts.defined()) kept[before + ".discounts"] = aims.discounts.clone();
  }
}

Json described(Run& run) {
  const measure::Readout readout = run.subject().readout();
  Json about = {{"layers", run.network().descriptions()},
                {"input", run.network().input_shape()},
                {"heads", readout.heads}};
  if (readout.atoms) about["atoms"] = {readout.atoms->count, readout.atoms->least, readout.atoms->most};
  return about;
}

bool same(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor here = a.cpu().contiguous();
  return here.scalar_type() == b.scalar_type() && here.sizes() == b.sizes() &&
         std::memcmp(here.const_data_ptr(), b.const_data_ptr(), here.nbytes()) == 0;
}

enum class There { nothing, same, other };

There compare(const std::filesystem::path& path, const Kept& kept, const std::string& about) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return There::nothing;
  try {
    const tensor::SafetensorsFile file(path);
    file.check_contents();
    const auto said = file.metadata().find("crosstalk");
    if (said == file.metadata().end() || said->second != about || file.names().size() != kept.size())
      return There::other;
    for (const auto& [name, tensor] : kept)
      if (!file.has(name) || !same(tensor, file.tensor(name))) return There::other;
    return There::same;
  } catch (const tensor::FileError&) {
    return There::nothing;  // what it was to hold is at hand
  }
}

/// A folder's name is on the disk with the folder that it is in.
void sync(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // some file systems cannot
  ::fsync(descriptor);
  ::close(descriptor);
}

void make(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    throw Unwritten(folder.string() + " cannot be made: " + failure.message() +
                    ". Make room and see to the permissions, give another --out, or set probe.keep = "
                    "\"none\".");
  sync(folder.parent_path());
  sync(folder.parent_path().parent_path());
}

double bytes(const Kept& kept) {
  double sum = 0;
  for (const auto& [name, tensor] : kept) sum += static_cast<double>(tensor.nbytes());
  return sum;
}

}  // namespace

Kept kept_of_measurement(Run& run) {
  measure::Subject& subject = run.subject();
  const learn::Networks& networks = subject.networks();
  Kept kept;
  add_parameters(networks, networks.of(learn::Net::online), "", kept);
  add_targets_of(networks, kept);
  learn::Passes passes(networks);
  for (const measure::Set& set : subject.samples()) {
    if (!set.fixed) add_columns(set, kept);
    if (is_of_steps(set)) add_targets(subject, set, passes, kept);
    set.rows.table->draw(set.rows.ids, data::At::before, passes.inputs());
    kept[set.name + "/outputs"] = passes.output(learn::Net::online, passes.inputs()).clone();
  }
  return kept;
}

Kept kept_once(Run& run) {
  Kept kept;
  for (const measure::Set& set : run.subject().whole()) add_columns(set, kept);
  return kept;
}

KeptSize kept_size(Run& run) {
  KeptSize size{bytes(kept_of_measurement(run)), 0};
  const learn::Networks& networks = run.subject().networks();
  if (networks.has_target())  // copies that are still to be made
    size.measurement +=
        static_cast<double>(networks.most_averaged() - networks.averaged(learn::Net::target)) *
        static_cast<double>(networks.of(learn::Net::target).theta().nbytes());
  for (measure::Set& set : run.subject().whole()) {
    const auto rows = static_cast<double>(set.rows.size());
    set.rows.ids.resize(1);
    Kept one;
    add_columns(set, one);
    size.once += rows * bytes(one);
  }
  return size;
}

void Keeper::keep(Run& run) {
  if (folder_.empty() || when_ == Keep::none || (when_ == Keep::last && !run.is_measured())) return;
  Json about = about_;
  about.update(described(run));
  if (!std::exchange(began_, true)) {
    make(folder_);
    about["what"] = "rows";
    if (const Kept once = kept_once(run); !once.empty()) write("rows", once, about);
  }
  about["what"] = "measurement";
  about["step"] = run.count();
  write(std::to_string(run.count()), kept_of_measurement(run), about);
}

void Keeper::write(const std::string& name, const Kept& kept, const Json& about) const {
  const std::filesystem::path path = folder_ / (name + ".safetensors");
  const std::string text = about.dump();
  switch (compare(path, kept, text)) {
    case There::same:
      return;
    case There::nothing:
      return tensor::write_safetensors(path, kept, {{"crosstalk", text}});
    case There::other:
      throw Error(ErrorKind::store,
                  path.string() +
                      " holds other numbers than have come out now, and which are right cannot be told. "
                      "Remove it to have these kept, or give another --out; `crosstalk verify` says whether "
                      "this machine gives the same bits twice.");
  }
}

}  // namespace crosstalk::run
