#pragma once

#include <pybind11/pybind11.h>

/// One function a subject of crosstalk._engine, each in a file of its own.
namespace crosstalk {

void bind_trace(
    pybind11::module_& module);  // networks, traces and their contractions, for tests and benchmarks
void bind_uses(pybind11::module_& module);       // traces of a network of the user's own
void bind_optimizer(pybind11::module_& module);  // learn::Optimizer over numpy vectors, for the tests

void bind_windowed(pybind11::module_& module);  // the windowed image task

void bind_environments(pybind11::module_& module);  // lets the engine open those that are written in Python

void bind_environment(pybind11::module_& module);  // one of them as the engine sees it, for tests
void bind_trajectories(pybind11::module_& module);

void bind_serve(pybind11::module_& module);  // the worker

}  // namespace crosstalk
