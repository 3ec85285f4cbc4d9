// SPDX-License-Identifier: BSL-1.0
/// @file
/// Ranks that are processes, for tests that run under mpirun: every process runs the same test, the ranks' results are brought
/// to all of them, and each asserts on all. A run of fewer ranks than processes leaves the others waiting for its results.
#pragma once

#include "support/counting.hpp"
#include "support/ranks.hpp"

#include <espalier/comm/mpi.hpp>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <numeric>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/mpi/collectives.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/serialization/string.hpp>

namespace espalier_test {

namespace detail {

/// A result as bytes: trivially copyable values, vectors, strings and pairs of such.
template <class V>
void pack(std::string& out, V const& v) {
    static_assert(std::is_trivially_copyable_v<V>);
    out.append(reinterpret_cast<char const*>(&v), sizeof(V));
}
template <class V, class A>
void pack(std::string& out, std::vector<V, A> const& v) {
    pack(out, v.size());
    for (auto const& x : v) pack(out, x);
}
template <class A, class B>
void pack(std::string& out, std::pair<A, B> const& v) {
    pack(out, v.first);
    pack(out, v.second);
}

template <class V>
void unpack(char const*& in, V& v) {
    static_assert(std::is_trivially_copyable_v<V>);
    std::memcpy(static_cast<void*>(&v), in, sizeof(V));
    in += sizeof(V);
}
template <class V, class A>
void unpack(char const*& in, std::vector<V, A>& v) {
    std::size_t n = 0;
    unpack(in, n);
    v.resize(n);
    for (auto& x : v) unpack(in, x);
}
template <class A, class B>
void unpack(char const*& in, std::pair<A, B>& v) {
    unpack(in, v.first);
    unpack(in, v.second);
}

/// An error of another process, with its class and its words.
template <class E>
class told : public E {
public:
    explicit told(std::string text) : E{espalier::complaint{"", "", "", "", ""}}, text_{std::move(text)} {}
    [[nodiscard]] char const* what() const noexcept override { return text_.c_str(); }

private:
    std::string text_;
};

template <class C>
struct over_mpi {
    static C made_of(espalier::mpi&& world) { return C{std::move(world)}; }
};
template <>
struct over_mpi<espalier::mpi> {
    static espalier::mpi made_of(espalier::mpi&& world) { return std::move(world); }
};

/// So many ranks count as a node of their own, for tests of several nodes on one machine; 0: all that share memory.
[[nodiscard]] inline int ranks_per_node() {
    char const* const said = std::getenv("ESPALIER_TEST_RANKS_PER_NODE");
    return said != nullptr ? std::atoi(said) : 0;
}

template <class C>
struct processes {
    static constexpr bool are_there = true;

    /// 1 … the processes that mpirun has started.
    [[nodiscard]] static std::vector<int> counts() {
        std::vector<int> all(static_cast<std::size_t>(boost::mpi::communicator{}.size()));
        std::iota(all.begin(), all.end(), 1);
        return all;
    }

    template <class F>
    [[nodiscard]] static auto run(int n, F const& f) {
        using raw = std::invoke_result_t<F const&, C&>;
        using R   = std::conditional_t<std::is_void_v<raw>, std::monostate, raw>;
        boost::mpi::communicator const all;
        if (n > all.size()) throw std::runtime_error{"this test needs more processes than mpirun has started"};
        bool const takes_part = all.rank() < n;
        auto const part       = all.split(takes_part ? 0 : 1);
        per_rank<R> result;
        result.value.resize(static_cast<std::size_t>(n));
        result.error.resize(static_cast<std::size_t>(n));
        std::string sent, text;
        if (takes_part) {
            C world = over_mpi<C>::made_of(espalier::mpi{part, {.ranks_per_node = ranks_per_node()}});
            try {
                if constexpr (std::is_void_v<raw>) {
                    f(world);
                } else {
                    R const value = f(world);
                    pack(sent, value);
                }
            } catch (espalier::invalid_setting const& e) {
                text = std::string{"i"} + e.what();
            } catch (std::exception const& e) {
                text = std::string{"e"} + e.what();
            }
        }
        std::vector<std::string> values, texts;
        boost::mpi::all_gather(all, sent, values);
        boost::mpi::all_gather(all, text, texts);
        for (std::size_t r = 0; r < result.value.size(); ++r) {
            char const* next = values[r].data();
            if (!texts[r].empty() && texts[r][0] == 'i')
                result.error[r] = std::make_exception_ptr(told<espalier::invalid_setting>{texts[r].substr(1)});
            else if (!texts[r].empty())
                result.error[r] = std::make_exception_ptr(std::runtime_error{texts[r].substr(1)});
            else if constexpr (!std::is_void_v<raw>)
                unpack(next, result.value[r]);
        }
        return result;
    }
};

}  // namespace detail

template <>
struct processes_of<espalier::mpi> : detail::processes<espalier::mpi> {};
template <>
struct processes_of<counting<espalier::mpi>> : detail::processes<counting<espalier::mpi>> {};

}  // namespace espalier_test
