# What the C++ library needs beside torch. Our build reads this file, and so do programs that use the installed library
# (crosstalkConfig.cmake).
find_package(nlohmann_json 3.10 REQUIRED)
find_library(MD_LIBRARY NAMES libmd.a REQUIRED)  # SHA-256
add_library(crosstalk::md STATIC IMPORTED)
set_target_properties(crosstalk::md PROPERTIES IMPORTED_LOCATION ${MD_LIBRARY})
