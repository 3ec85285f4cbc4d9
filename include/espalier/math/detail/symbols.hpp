// SPDX-License-Identifier: BSL-1.0
/// @file
/// Functions that may or may not be in the process: looked up by name when called, so that nothing more has to be linked.
#pragma once

#include <espalier/core/config.hpp>

#include <dlfcn.h>

#include <string>

#if ESPALIER_HAS_ONEDNN()
#    include <oneapi/dnnl/dnnl.h>
#endif

namespace espalier::math::detail {

/// The function of that name, or null.
template <class Function>
[[nodiscard]] Function* symbol(char const* name) noexcept {
    return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

/// Calls the function of that name where the process has one.
template <class Function, class... Arguments>
void call_where_there(char const* name, Arguments... arguments) {
    if (auto* const f = symbol<Function>(name)) static_cast<void>(f(arguments...));
}

#if ESPALIER_HAS_ONEDNN()
/// The instruction set that oneDNN generates code for on this processor; its number where it is newer than this list.
[[nodiscard]] inline std::string onednn_isa_name() {
    dnnl_cpu_isa_t const isa = dnnl_get_effective_cpu_isa();
    switch (isa) {
        case dnnl_cpu_isa_sse41: return "sse41";
        case dnnl_cpu_isa_avx: return "avx";
        case dnnl_cpu_isa_avx2: return "avx2";
        case dnnl_cpu_isa_avx2_vnni: return "avx2_vnni";
        case dnnl_cpu_isa_avx512_core: return "avx512_core";
        case dnnl_cpu_isa_avx512_core_vnni: return "avx512_core_vnni";
        case dnnl_cpu_isa_avx512_core_bf16: return "avx512_core_bf16";
        case dnnl_cpu_isa_avx512_core_amx: return "avx512_core_amx";
        default: return "isa " + std::to_string(static_cast<int>(isa));
    }
}
#endif

/// What OpenBLAS says about itself (version, kernel); empty for another library.
[[nodiscard]] inline std::string cblas_details() {
    std::string out;
    if (auto* const config = symbol<char*()>("openblas_get_config")) out = std::string{" ("} + config() + ")";
    return out;
}

}  // namespace espalier::math::detail
