# SPDX-License-Identifier: BSL-1.0
# Finds what the headers include and makes espalier::{thrust,json,xxhash,product,zlib,mpi} of it. The source tree and an
# installed package both include this file; only the source tree can fetch (espalier_fetch_sources).

# An imported target without a library: include folders (as system headers), definitions, further targets.
function(espalier_interface name)
    cmake_parse_arguments(arg "" "" "INCLUDE;DEFINE;LINK" ${ARGN})
    if(TARGET espalier::${name})
        return()
    endif()
    add_library(espalier::${name} INTERFACE IMPORTED GLOBAL)
    target_include_directories(espalier::${name} SYSTEM INTERFACE ${arg_INCLUDE})
    target_compile_definitions(espalier::${name} INTERFACE ${arg_DEFINE})
    target_link_libraries(espalier::${name} INTERFACE ${arg_LINK})
endfunction()

# A consumer links our targets from its own folders, where targets that find_package made here must be visible.
function(espalier_make_global)
    foreach(target IN LISTS ARGN)
        get_target_property(is_imported ${target} IMPORTED)
        get_target_property(is_global ${target} IMPORTED_GLOBAL)
        if(is_imported AND NOT is_global)
            set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
        endif()
    endforeach()
endfunction()

# A header-only library is where its header is; else its sources are fetched, and `ARGN` are the include folders in them.
function(espalier_headers name header repository tag)
    find_path(ESPALIER_${name}_INCLUDE_DIR ${header} DOC "Folder that holds ${header}")
    # The CUDA toolkit carries Thrust too; the distribution's goes first.
    find_path(ESPALIER_${name}_INCLUDE_DIR ${header} PATH_SUFFIXES include/cccl cccl include
              PATHS ENV CUDA_HOME ENV CUDA_PATH /usr/local/cuda /opt/cuda)
    mark_as_advanced(ESPALIER_${name}_INCLUDE_DIR)
    if(ESPALIER_${name}_INCLUDE_DIR)
        espalier_interface(${name} INCLUDE "${ESPALIER_${name}_INCLUDE_DIR}")
    elseif(COMMAND espalier_fetch_sources)
        espalier_fetch_sources(sources ${name} ${repository} ${tag})
        list(TRANSFORM ARGN PREPEND "${sources}/")
        espalier_interface(${name} INCLUDE ${ARGN})
    else()
        message(FATAL_ERROR "espalier: the package: requires ${header}; got no folder that holds it. "
                            "Install it or set ESPALIER_${name}_INCLUDE_DIR. See docs/build.md.")
    endif()
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
espalier_make_global(Threads::Threads)

espalier_headers(thrust thrust/version.h https://github.com/NVIDIA/cccl.git v2.8.5 thrust cub libcudacxx/include)
espalier_headers(json nlohmann/json.hpp https://github.com/nlohmann/json.git v3.11.3 single_include)
espalier_headers(xxhash xxhash.h https://github.com/Cyan4973/xxHash.git v0.8.2 .)

# --- compressed bars: optional ---------------------------------------------------------------------------------------
find_package(ZLIB QUIET)
if(ZLIB_FOUND)
    espalier_make_global(ZLIB::ZLIB)
    espalier_interface(zlib DEFINE ESPALIER_USE_ZLIB LINK ZLIB::ZLIB)
else()
    espalier_interface(zlib)
    message(STATUS "espalier: zlib not found, *.csv.gz will be refused")
endif()

# --- ranks that are processes: optional, asked for by ESPALIER_MPI or find_package(espalier COMPONENTS mpi) ---------------
# espalier::mpi is what a program links beside espalier::espalier to include espalier/comm/mpi.hpp.
set(ESPALIER_MPI_FOUND OFF)
if(ESPALIER_MPI)
    find_package(MPI QUIET COMPONENTS CXX)
    find_package(Boost QUIET COMPONENTS mpi serialization)
    if(TARGET MPI::MPI_CXX AND TARGET Boost::mpi)
        espalier_make_global(MPI::MPI_CXX Boost::mpi Boost::serialization)
        # Without the C++ bindings that MPI dropped in 2012, which Open MPI's header still brings.
        espalier_interface(mpi DEFINE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX LINK Boost::mpi Boost::serialization MPI::MPI_CXX)
        set(ESPALIER_MPI_FOUND ON)
    endif()
endif()

# --- matrix products: oneDNN, else a CBLAS, else the built-in one ----------------------------------------------------
set(ESPALIER_PRODUCT_FOUND "")
if(NOT DEFINED ESPALIER_PRODUCT)
    set(ESPALIER_PRODUCT auto)
endif()
if(NOT ESPALIER_PRODUCT MATCHES "^(auto|onednn|cblas|builtin)$")
    message(FATAL_ERROR "espalier: ESPALIER_PRODUCT: requires auto, onednn, cblas or builtin; got ${ESPALIER_PRODUCT}. "
                        "Choose one of the four. See docs/build.md.")
endif()

if(ESPALIER_PRODUCT MATCHES "auto|onednn")
    # Header and library first: Debian's package file of oneDNN stops where OpenCL's headers are absent, which nobody here needs.
    find_path(ESPALIER_dnnl_INCLUDE_DIR oneapi/dnnl/dnnl.hpp)
    find_library(ESPALIER_dnnl_LIBRARY dnnl)
    mark_as_advanced(ESPALIER_dnnl_INCLUDE_DIR ESPALIER_dnnl_LIBRARY)
    if(ESPALIER_dnnl_INCLUDE_DIR AND ESPALIER_dnnl_LIBRARY)
        espalier_interface(product INCLUDE "${ESPALIER_dnnl_INCLUDE_DIR}" DEFINE ESPALIER_USE_ONEDNN LINK "${ESPALIER_dnnl_LIBRARY}")
        file(STRINGS "${ESPALIER_dnnl_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h" version REGEX "define DNNL_VERSION_(MAJOR|MINOR|PATCH) ")
        string(REGEX REPLACE "[^0-9;]+" "" version "${version}")
        list(JOIN version "." version)
        set(ESPALIER_PRODUCT_FOUND "oneDNN ${version}")
    else()
        find_package(dnnl CONFIG QUIET)
        if(TARGET DNNL::dnnl)
            espalier_make_global(DNNL::dnnl)
            espalier_interface(product DEFINE ESPALIER_USE_ONEDNN LINK DNNL::dnnl)
            set(ESPALIER_PRODUCT_FOUND "oneDNN ${dnnl_VERSION}")
        endif()
    endif()
endif()

if(NOT ESPALIER_PRODUCT_FOUND AND ESPALIER_PRODUCT MATCHES "auto|cblas")
    find_path(ESPALIER_cblas_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas flexiblas)
    find_library(ESPALIER_cblas_LIBRARY NAMES openblas flexiblas cblas blas)
    mark_as_advanced(ESPALIER_cblas_INCLUDE_DIR ESPALIER_cblas_LIBRARY)
    if(ESPALIER_cblas_INCLUDE_DIR AND ESPALIER_cblas_LIBRARY)
        espalier_interface(product INCLUDE "${ESPALIER_cblas_INCLUDE_DIR}" DEFINE ESPALIER_USE_CBLAS
                           LINK "${ESPALIER_cblas_LIBRARY}")
        set(ESPALIER_PRODUCT_FOUND "CBLAS (${ESPALIER_cblas_LIBRARY})")
    endif()
endif()

if(NOT ESPALIER_PRODUCT_FOUND)
    if(ESPALIER_PRODUCT MATCHES "onednn|cblas")
        message(FATAL_ERROR "espalier: ESPALIER_PRODUCT: requires ${ESPALIER_PRODUCT}; got none installed. "
                            "Install it or set ESPALIER_PRODUCT=auto. See docs/build.md.")
    endif()
    espalier_interface(product)
    set(ESPALIER_PRODUCT_FOUND "the built-in kernel (slow: neither oneDNN nor a CBLAS was found or wanted)")
endif()
