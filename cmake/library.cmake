# The component `library`: the static libraries, the headers of networks, traces and contractions, and the package that
# find_package(crosstalk) reads. docs/cpp.md shows its use. The wheel has the component `python` alone.
include(CMakePackageConfigHelpers)
set(package_folder lib/cmake/crosstalk)

target_include_directories(crosstalk_base PUBLIC $<INSTALL_INTERFACE:include/crosstalk>)
target_compile_features(crosstalk_base PUBLIC cxx_std_20)
# The old strings of libstdc++ would not link with ours, whatever the compiler's default.
target_compile_definitions(crosstalk_base PUBLIC $<INSTALL_INTERFACE:_GLIBCXX_USE_CXX11_ABI=1>)
set_target_properties(crosstalk_base PROPERTIES EXPORT_NAME base)
set_target_properties(crosstalk_engine PROPERTIES EXPORT_NAME engine)
install(TARGETS crosstalk_base crosstalk_engine EXPORT crosstalk ARCHIVE DESTINATION lib COMPONENT library)
install(DIRECTORY src/base src/engine/tensor src/engine/nn src/engine/trace DESTINATION include/crosstalk COMPONENT library
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def" PATTERN precompiled.hpp EXCLUDE)

string(REGEX MATCH "^[0-9]+\\.[0-9]+" CROSSTALK_TORCH_MINOR ${CROSSTALK_TORCH_VERSION})
configure_file(cmake/crosstalkConfig.cmake.in crosstalkConfig.cmake @ONLY)
write_basic_package_version_file(crosstalkConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT crosstalk NAMESPACE crosstalk:: FILE crosstalkTargets.cmake DESTINATION ${package_folder} COMPONENT library)
install(FILES ${PROJECT_BINARY_DIR}/crosstalkConfig.cmake ${PROJECT_BINARY_DIR}/crosstalkConfigVersion.cmake
              cmake/torch.cmake cmake/libraries.cmake LICENSE DESTINATION ${package_folder} COMPONENT library)
