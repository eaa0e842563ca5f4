#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/rows.hpp"

/// Messages between the coordinator and a worker: a frame is four bytes of length (little-endian), then CBOR.
///
/// Coordinator to worker, field "do":
///   run       run, configuration (flat: every key with its value), seed, data (see below), checkpoint
///             (a path), checkpoint_seconds, kept (the folder for what probe.keep keeps of this run; missing:
///             nothing is kept)
///   time      the same fields: time one update and one probe instead of running; with debug (true) the
///             answer has `methods`
///   describe  the same fields: say how large the run's network is, and what it costs
///   collect   store trajectories (engine/run/collect.hpp): folder, configuration (the keys of the task and
///   of
///             the machine), task (those of its keys that count), seed, transitions, expert (a kept file, or
///             null: actions are drawn uniformly), epsilon, ram (true or false), checkpoint_seconds,
///             environment (see below)
///   durable   the rows sent before the last flush are on disk
///   stop      checkpoint and end (SIGTERM does the same)
/// `data` is {"file": converted safetensors, "sha256": of the source}; missing where the run learns from
/// none. Where its environment is a class of the user's own, `environment` is {"file", "sha256"} of its file;
/// where it learns from stored trajectories, `trajectories` is the same of their folder.
///
/// Worker to coordinator, field "event":
///   ready     torch, isa (the instruction set that ATen chose), arithmetic (16 digits: what the libraries
///             below it compute, tensor/arithmetic.hpp), pid
///   network   run, parameters, multiply_adds (of one sample's forward pass): of a run that begins or
///             goes on, before its first rows; packages (text: those that play its environment, with their
///             versions; empty for one of the engine's own)
///   described the same: the answer to `describe`
///   unrepeatable  run, step, why: it cannot be repeated to the last bit, since its environment begins other
///             episodes by the same seed; before its first rows. Those from `step` on are yet to come
///   cut       run, why: evaluation episodes were cut before their environment ended them; before the rows
///             of the first such measurement of a call
///   progress  run, step, of
///   rows      run, rows [[step, measure, split, value]...], arrays
///   flush     run, step (the checkpoint's: all rows before it have been sent); the worker waits for
///             `durable` and only then gives its checkpoint its name
///   timed     run, update_seconds, probe_seconds, row_bytes (for one probe); where they are known
///             checkpoint_bytes and checkpoint_seconds (to write the largest), kept_bytes (of one
///             measurement) and kept_once_bytes (with probe.keep), methods (text: each layer's method in the
///             probe, and its cost)
///   collecting  steps, of, episodes: how far `collect` is
///   remark    what: to be said of what is collected
///   collected   status "done" | "stopped" | "failed"; steps, episodes, was_complete (true: there was nothing
///             to do); kind and message (failed)
///   finished  run, status "done" | "diverged" | "stopped" | "failed", kind and message (failed, diverged),
///             seconds, resumed_at (the checkpoint's step, or 0); nowhere (true: there is no such device
///             here, so that no other run of the study can be done either); unwritten (true: its checkpoint
///             cannot be written: the disk is full, say); unusable ("data": its file is
///             gone or damaged, be it while the run went on; "checkpoint": it is damaged or of another
///             version) and wrong (what is wrong with that file). No row has come that an unusable file had
///             a part in: the run may be given out again
namespace crosstalk {

/// The other end is gone.
class Unwritable : public Error {
 public:
  explicit Unwritable(const std::string& message) : Error(ErrorKind::environment, message) {}
};

/// Writes one frame whole; Unwritable when the other end is gone, Error(environment) over 1 GiB.
void write_frame(int descriptor, const Json& message);

/// Reads one frame; nothing at a clean end of file. Error(environment) on a torn frame, one of more than 1
/// GiB, or bytes that are no CBOR (read_cbor).
std::optional<Json> read_frame(int descriptor);

/// The messages of the whole frames at the buffer's beginning, which are taken off it. The same errors, and
/// one for a message that is no object.
std::vector<Json> take_frames(std::string& buffer);

Json to_json(const std::vector<Row>& rows);
Json to_json(const std::vector<Array>& arrays);
/// The text of a message's field, as it may be stored and shown whatever its bytes; Json::exception where it
/// is none.
std::string text_from(const Json& message, const char* field);
/// Error(environment) or Json::exception where they are not what a store can hold.
std::vector<Row> rows_from_json(const Json& json);
std::vector<Array> arrays_from_json(const Json& json);

}  // namespace crosstalk
