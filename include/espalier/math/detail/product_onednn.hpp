// SPDX-License-Identifier: BSL-1.0
/// @file
/// The product through oneDNN's matmul primitive, written for its versions 2.6 and 3.
/// Shapes that it serves slowly go to the built-in kernels; `prefers_builtin` says which.
#pragma once

#include <espalier/math/detail/product_builtin.hpp>
#include <espalier/math/product_shape.hpp>
#include <espalier/memory/buffer.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>

#include <oneapi/dnnl/dnnl.hpp>

namespace espalier::math::detail {

/// Where the built-in kernels beat the library, in time or because they call no allocator (bench/math/product.cpp prints both): a
/// function of the shape alone, so that a product's bits do not depend on the processor's timing.
[[nodiscard]] constexpr bool prefers_builtin(product_shape const& s) noexcept {
    bool const is_narrow = s.n <= builtin_product<float>::narrow_columns || s.k <= 16 || s.m <= 2;
    bool const is_small  = s.m * s.n * s.k <= 64 * 64 * 64;
    bool const is_large_gradient = s.transpose_a && s.accumulate && s.m * s.n > 512 * 512;  // the library takes up to twice the time
    return is_narrow || is_small || is_large_gradient;
}

/// Where cᵀ = op(b)ᵀ · a is quicker than c = aᵀ · op(b): the library would copy all of a transposed a, the larger operand of a
/// weight gradient, and then has b in its plain layout.
[[nodiscard]] constexpr bool prefers_turned(product_shape const& s, bool packs_once) noexcept {
    return !packs_once && s.transpose_a && s.m > s.n;
}

/// One product by a matmul primitive, with operands set by each call.
class onednn_matmul {
public:
    onednn_matmul(product_shape const& s, bool packs_once) : engine_{dnnl::engine::kind::cpu, 0}, stream_{engine_} {
        using desc = dnnl::memory::desc;
        auto const f32 = dnnl::memory::data_type::f32;
        using tag         = dnnl::memory::format_tag;
        auto const stored = [](bool transposed) { return transposed ? tag::ba : tag::ab; };
        desc const a{{s.m, s.k}, f32, stored(s.transpose_a)}, b{{s.k, s.n}, f32, stored(s.transpose_b)},
            c{{s.m, s.n}, f32, tag::ab};
        desc const b_any = packs_once ? desc{{s.k, s.n}, f32, tag::any} : b;
        dnnl::primitive_attr how;
        how.set_scratchpad_mode(dnnl::scratchpad_mode::user);
        if (s.accumulate) {
            dnnl::post_ops after;
            after.append_sum(1.0f);
            how.set_post_ops(after);
        }
#if DNNL_VERSION_MAJOR >= 3
        dnnl::matmul::primitive_desc const d{engine_, a, b_any, c, how};
#else
        dnnl::matmul::primitive_desc const d{dnnl::matmul::desc{a, b_any, c}, how, engine_};
#endif
        matmul_    = dnnl::matmul{d};
        scratch_   = buffer<char>{static_cast<std::int64_t>(d.scratchpad_desc().get_size())};
        a_         = dnnl::memory{a, engine_, nullptr};
        b_         = dnnl::memory{b, engine_, nullptr};
        c_         = dnnl::memory{c, engine_, nullptr};
        scratch_m_ = dnnl::memory{d.scratchpad_desc(), engine_, scratch_.data()};
        if (packs_once) {
            packed_   = buffer<char>{static_cast<std::int64_t>(d.weights_desc().get_size())};
            packed_m_ = dnnl::memory{d.weights_desc(), engine_, packed_.data()};
            reorder_  = dnnl::reorder{b_, packed_m_};
        }
    }

    [[nodiscard]] std::size_t workspace_bytes() const { return static_cast<std::size_t>(scratch_.size() + packed_.size()); }

    void pack(float const* b) {
        set(b_, b);
        reorder_.execute(stream_, b_, packed_m_);
        stream_.wait();
    }

    void operator()(float const* a, float const* b, float* c) const {
        set(a_, a);
        set(c_, c);
        if (b != nullptr) set(b_, b);
        dnnl_exec_arg_t const arguments[] = {{DNNL_ARG_SRC, a_.get()},
                                             {DNNL_ARG_WEIGHTS, b != nullptr ? b_.get() : packed_m_.get()},
                                             {DNNL_ARG_DST, c_.get()},
                                             {DNNL_ARG_SCRATCHPAD, scratch_m_.get()}};
        dnnl::error::wrap_c_api(dnnl_primitive_execute(matmul_.get(), stream_.get(), 4, arguments), "a matmul failed");
    }

private:
    static void set(dnnl::memory const& m, float const* p) {
        dnnl_memory_set_data_handle(m.get(), const_cast<float*>(p));
    }

    dnnl::engine engine_;
    dnnl::stream stream_;
    dnnl::matmul matmul_;
    dnnl::reorder reorder_;
    dnnl::memory a_, b_, c_, scratch_m_, packed_m_;
    buffer<char> scratch_, packed_;
};

/// c = or += ctᵀ.
/// @par Shapes    ct (n,m); c (m,n)
inline ESPALIER_NOINLINE() void add_transposed(std::int64_t m, std::int64_t n, float const* ct, float* c, bool adds) {
    constexpr std::int64_t block = 16;
    for (std::int64_t i0 = 0; i0 < m; i0 += block)
        for (std::int64_t j0 = 0; j0 < n; j0 += block)
            for (std::int64_t i = i0; i < std::min(m, i0 + block); ++i)
                for (std::int64_t j = j0; j < std::min(n, j0 + block); ++j)
                    c[i * n + j] = (adds ? c[i * n + j] : 0.0f) + ct[j * m + i];
}

/// One product by oneDNN or, for shapes that it serves slowly, by the built-in kernels.
class onednn_product {
public:
    onednn_product() = default;
    onednn_product(product_shape const& s, bool packs_once) : s_{s} {
        if (s.m <= 0 || s.n <= 0 || s.k <= 0 || prefers_builtin(s)) {
            plain_ = builtin_product<float>{s, packs_once};
        } else if (prefers_turned(s, packs_once)) {
            turned_ = buffer<float>{s.m * s.n};
            product_shape const t{.m = s.n, .n = s.m, .k = s.k, .transpose_a = !s.transpose_b};
            matmul_ = std::make_unique<onednn_matmul>(t, false);
        } else {
            matmul_ = std::make_unique<onednn_matmul>(s, packs_once);
        }
    }

    [[nodiscard]] std::size_t workspace_bytes() const {
        return static_cast<std::size_t>(turned_.size()) * sizeof(float) +
               (matmul_ ? matmul_->workspace_bytes() : plain_.workspace_bytes());
    }
    void pack(float const* b) { matmul_ ? matmul_->pack(b) : plain_.pack(b); }
    void operator()(float const* a, float const* b, float* c) const {
        if (!matmul_) return plain_(a, b, c);
        if (turned_.size() == 0) return (*matmul_)(a, b, c);
        (*matmul_)(b, a, turned_.data());
        add_transposed(s_.m, s_.n, turned_.data(), c, s_.accumulate);
    }

private:
    product_shape s_{};
    builtin_product<float> plain_;
    std::unique_ptr<onednn_matmul> matmul_;
    mutable buffer<float> turned_;
};

}  // namespace espalier::math::detail
