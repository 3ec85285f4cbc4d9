# SPDX-License-Identifier: BSL-1.0
# Where a dependency comes from when it is not found: one pinned tag each. Never installed, never included by a consumer
# of an installed espalier.
include(FetchContent)

# Fetches the sources of NAME without building them; sets <variable> to their folder. For header-only libraries.
function(espalier_fetch_sources variable name repository tag)
    if(NOT ESPALIER_FETCH)
        message(FATAL_ERROR "espalier: the build: requires ${name}; got ESPALIER_FETCH=OFF and no ${name} installed. "
                            "Install it or allow fetching. See docs/build.md.")
    endif()
    message(STATUS "espalier: ${name} not found, fetching ${repository} ${tag}")
    FetchContent_Declare(espalier_${name} GIT_REPOSITORY ${repository} GIT_TAG ${tag} GIT_SHALLOW ON
                         SOURCE_SUBDIR espalier-takes-the-sources-only)
    FetchContent_MakeAvailable(espalier_${name})
    set(${variable} "${espalier_${name}_SOURCE_DIR}" PARENT_SCOPE)
endfunction()

# Fetches and configures NAME with its own CMakeLists.txt; its targets are then there. For test-only libraries.
macro(espalier_fetch_project name repository tag)
    if(NOT ESPALIER_FETCH)
        message(FATAL_ERROR "espalier: the build: requires ${name}; got ESPALIER_FETCH=OFF and no ${name} installed. "
                            "Install it or allow fetching. See docs/build.md.")
    endif()
    message(STATUS "espalier: ${name} not found, fetching ${repository} ${tag}")
    FetchContent_Declare(${name} GIT_REPOSITORY ${repository} GIT_TAG ${tag} GIT_SHALLOW ON)
    FetchContent_MakeAvailable(${name})
endmacro()
