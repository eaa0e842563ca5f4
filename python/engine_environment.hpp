#pragma once

#include <pybind11/pybind11.h>

#include "env/foreign.hpp"

/// What the two files share that open environments in Python.
namespace crosstalk {

/// "ZeroDivisionError: division by zero (room.py:12)", the place in `file` if its way leads through it.
std::string told(const pybind11::error_already_set& error, const std::string& file);

/// A game of Atari on a crosstalk.environments.atari.Console; with Python's lock held.
std::unique_ptr<env::Player> opened_console(const env::Foreign& foreign, const pybind11::object& console);

}  // namespace crosstalk
