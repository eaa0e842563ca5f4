# Finds libtorch inside the torch wheel: CROSSTALK_TORCH_DIR, or the interpreter's site-packages. No CUDA toolkit is
# needed: a CUDA wheel's kernels are loaded by libtorch at run time. Our build reads this file, and so do programs that
# use the installed library (crosstalkConfig.cmake).
if(NOT CROSSTALK_TORCH_DIR)
  find_package(Python3 COMPONENTS Interpreter REQUIRED)
  if(Python_EXECUTABLE)
    set(Python3_EXECUTABLE ${Python_EXECUTABLE})
  endif()
  execute_process(COMMAND ${Python3_EXECUTABLE} -c "import sysconfig; print(sysconfig.get_path('platlib'))"
                  OUTPUT_VARIABLE site OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(CROSSTALK_TORCH_DIR ${site}/torch)
endif()
if(NOT EXISTS ${CROSSTALK_TORCH_DIR}/lib/libtorch_cpu.so OR NOT EXISTS ${CROSSTALK_TORCH_DIR}/version.py)
  message(FATAL_ERROR "there is no torch in ${CROSSTALK_TORCH_DIR}: `pip install torch` into this environment first, "
                      "or set CROSSTALK_TORCH_DIR to a folder with include/, lib/libtorch_cpu.so and version.py")
endif()
file(READ ${CROSSTALK_TORCH_DIR}/version.py version_text)
string(REGEX MATCH "__version__ = '([^']+)'" _ "${version_text}")
set(CROSSTALK_TORCH_VERSION ${CMAKE_MATCH_1})
message(STATUS "torch ${CROSSTALK_TORCH_VERSION} in ${CROSSTALK_TORCH_DIR}")

set(torch_lib ${CROSSTALK_TORCH_DIR}/lib)
add_library(crosstalk::torch INTERFACE IMPORTED)
target_include_directories(crosstalk::torch SYSTEM INTERFACE ${CROSSTALK_TORCH_DIR}/include
                           ${CROSSTALK_TORCH_DIR}/include/torch/csrc/api/include)
target_compile_definitions(crosstalk::torch INTERFACE CROSSTALK_TORCH_VERSION="${CROSSTALK_TORCH_VERSION}")
target_link_libraries(crosstalk::torch INTERFACE ${torch_lib}/libtorch.so ${torch_lib}/libtorch_cpu.so ${torch_lib}/libc10.so)
target_link_options(crosstalk::torch INTERFACE -Wl,-rpath,${torch_lib} -Wl,--no-as-needed)
# at::parallel_for is inline OpenMP: link the runtime that libtorch itself loads, not a second one of the compiler's.
file(GLOB torch_openmp ${torch_lib}/libgomp*.so*)
if(torch_openmp)
  list(GET torch_openmp 0 torch_openmp)
  target_link_libraries(crosstalk::torch INTERFACE ${torch_openmp})
else()
  target_link_libraries(crosstalk::torch INTERFACE gomp)
endif()
