# The torch wheel's BLAS for direct calls: x86 wheels export MKL's sgemm_ and dgemm_ from libtorch_cpu. Where they are
# missing, tensor/gemm.cpp goes through ATen.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_LIBRARIES ${torch_lib}/libtorch_cpu.so ${torch_lib}/libc10.so)
set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,-rpath-link,${torch_lib})
check_cxx_source_compiles("extern \"C\" void sgemm_(); extern \"C\" void dgemm_(); int main() { sgemm_(); dgemm_(); }"
                          CROSSTALK_DIRECT_GEMM)
unset(CMAKE_REQUIRED_LIBRARIES)
unset(CMAKE_REQUIRED_LINK_OPTIONS)
