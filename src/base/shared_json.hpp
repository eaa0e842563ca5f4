#pragma once

#include <memory>
#include <utility>

#include "base/json.hpp"

namespace crosstalk {

/// What many records hold and nobody changes: the configuration of all its seeds.
class SharedJson {
 public:
  SharedJson(Json value = Json::object()) : value_(std::make_shared<const Json>(std::move(value))) {}
  SharedJson(Json::initializer_list_t value) : SharedJson(Json(value)) {}
  const Json& operator*() const { return *value_; }
  const Json* operator->() const { return value_.get(); }

 private:
  std::shared_ptr<const Json> value_;
};

}  // namespace crosstalk
