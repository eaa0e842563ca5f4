# ccache when there is one, and nothing else was asked for. The precompiled header needs two of its liberties; paths below the
# sources are hashed as relative ones, so that another checkout finds what this one compiled.
find_program(CCACHE ccache)
if(CCACHE)
  if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  endif()
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
