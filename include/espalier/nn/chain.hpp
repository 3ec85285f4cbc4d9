// SPDX-License-Identifier: BSL-1.0
/// @file
/// A list of layers as one: where each layer's parameters, activations and kept values lie, and the loops over them.
/// It owns kernels but no memory; a trainer, a predictor and `residual` hand it theirs.
#pragma once

#include <espalier/core/type_list.hpp>
#include <espalier/nn/layer.hpp>
#include <espalier/nn/layer_place.hpp>
#include <espalier/nn/sequence.hpp>

#include <tuple>
#include <utility>

namespace espalier {

template <class Layers>
struct chain;

/// The layers one after the other.
template <class... Ls>
struct chain<type_list<Ls...>> {
    static constexpr int size = static_cast<int>(sizeof...(Ls));
    using layers              = type_list<Ls...>;
    using indices             = std::index_sequence_for<Ls...>;

    /// How many parameters the layers have.
    static constexpr int parameter_count = (0 + ... + decltype(Ls::parameters(shape{}))::count);

    /// Whether each layer takes what the one before it gives.
    [[nodiscard]] static constexpr bool takes(shape in) {
        bool fits = true;
        ((fits = fits && Ls::takes(in), in = fits ? Ls::gives(in) : in), ...);
        return fits;
    }

    /// All parameters in order, named by `Names` (see layer_names).
    template <class Names>
    [[nodiscard]] static constexpr parameter_list<parameter_count> parameters(shape in) {
        parameter_list<parameter_count> all;
        Names const names;
        int layer = 0, n = 0;
        ((append_parameters(all, n, Ls::parameters(in), names.item[layer++]), in = Ls::gives(in)), ...);
        return all;
    }

    /// The multiply-adds of all layers for one sample.
    [[nodiscard]] static constexpr std::int64_t cost(shape in) {
        std::int64_t sum = 0;
        ((sum += cost_of<Ls>(in), in = Ls::gives(in)), ...);
        return sum;
    }

    /// Adds the exchanges of a pass through all layers to a tally.
    /// @param wants_dx whether backward is asked for the gradient of the chain's input
    static constexpr void exchanges(shape in, std::int64_t batch, pass_way way, bool wants_dx, exchange_tally& tally) {
        ((count_exchanges<Ls>(in, batch, way, wants_dx, tally), wants_dx = true, in = Ls::gives(in)), ...);
    }

    /// Whether a layer reads the network's own input.
    static constexpr bool reads_input = (false || ... || reads_network_input<Ls>);

    /// The output shape of the last layer.
    [[nodiscard]] static constexpr shape gives(shape in) {
        ((in = Ls::gives(in)), ...);
        return in;
    }

    [[nodiscard]] static constexpr chain_places<size> places(shape in, std::int64_t batch) {
        chain_places<size> all;
        int i = 0;
        ((place<Ls>(all, i++, in, batch)), ...);
        return all;
    }

    /// What all layers carry from one step of a sequence to the next.
    [[nodiscard]] static constexpr std::int64_t state(shape in, std::int64_t batch) {
        std::int64_t sum = 0;
        ((sum += state_elements<Ls>(in, batch), in = Ls::gives(in)), ...);
        return sum;
    }

    /// The table of places for a shape and a batch that are known when the program runs.
    struct run_time_site {
        chain_places<size> value;
        std::int64_t batch;
        run_time_site(shape in, std::int64_t b) : value{places(in, b)}, batch{b} {}
    };
    /// The same for a shape and a batch that are known to the compiler, which then folds every offset into the code.
    template <class At>
    struct compile_time_site {
        static constexpr chain_places<size> value = places(At::input, At::batch);
        static constexpr std::int64_t batch       = At::batch;
    };

    /// The chain bound to a shape and a batch: its kernels and its table of places.
    template <class T, class Site = run_time_site>
    class bound {
    public:
        bound(shape in, std::int64_t batch, direction way) : site_{in, batch}, kernels_{bind(way, indices{})} {}
        explicit bound(direction way) : kernels_{bind(way, indices{})} {}

        [[nodiscard]] constexpr chain_places<size> const& layout() const noexcept { return site_.value; }
        [[nodiscard]] std::size_t workspace_bytes() const noexcept {
            std::size_t bytes = 0;
            visit([&](auto const& k) {
                if constexpr (requires { k.workspace_bytes(); }) bytes += k.workspace_bytes();
            });
            return bytes;
        }

        /// Packs what the layers pack, once after the weights have changed.
        ESPALIER_INLINE() void pack(T const* weights) { pack(weights, indices{}); }

        /// Forward through all layers; outputs and kept values stay in `activations` for the way back.
        /// @return the last layer's output
        /// @param input    the network's own; a chain that is given none is the network, and x its input
        /// @param exchange for layers that are cut across ranks
        ESPALIER_INLINE() T const* forward(T const* weights, T const* x, T* activations, T* scratch, sampling const& draw,
                                           std::uint64_t const* names, network_input<T> const& input = {}, tensor_exchange<T>* exchange = nullptr) {
            return forward(weights, x, activations, scratch, draw, names, input_or(input, x), exchange, indices{});
        }

        /// Backward through all layers, last to first. `signal[0]` holds d loss / d output and is overwritten, as is `signal[1]`.
        /// @param dx d loss / d x; null where nobody wants it
        ESPALIER_INLINE() void backward(T const* weights, T* gradients, T const* x, T* activations, T* scratch, T* const (&signal)[2],
                                        T* dx, sampling const& draw, std::uint64_t const* names, network_input<T> const& input = {}, tensor_exchange<T>* exchange = nullptr) {
            backward(weights, gradients, x, activations, scratch, signal, dx, draw, names, input_or(input, x), exchange, indices{});
        }

        /// The first part of a backward that comes in two (see SplitsBackward). `retained` begins a region of `retained_elements`, which holds
        /// d loss / d output at the last layer's place and is kept for the second part.
        void backward_input(T const* weights, T* gradients, T const* x, T* activations, T* scratch, T* retained, T* dx, sampling const& draw,
                            std::uint64_t const* names, network_input<T> const& input = {}, tensor_exchange<T>* exchange = nullptr) {
            backward_part<true>(weights, gradients, x, activations, scratch, retained, dx, draw, names, input_or(input, x), exchange, indices{});
        }
        /// The second part.
        void backward_weights(T const* weights, T* gradients, T const* x, T* activations, T* scratch, T* retained, sampling const& draw,
                              std::uint64_t const* names, network_input<T> const& input = {}, tensor_exchange<T>* exchange = nullptr) {
            backward_part<false>(weights, gradients, x, activations, scratch, retained, nullptr, draw, names, input_or(input, x), exchange, indices{});
        }

        /// Forward through one step of a sequence: layers with a state read it and leave the next one; the others run as ever.
        /// The chain is bound to sequences of one step.
        /// @param state `chain::state(in, batch)` elements
        T const* step(T const* weights, T const* x, T* activations, T* scratch, T* state, std::uint64_t const* names) {
            return step(weights, x, activations, scratch, state, names, indices{});
        }

        /// Calls f(kernels) for each layer that has some.
        template <class F>
        void visit(F&& f) const {
            std::apply([&](auto const&... k) { (f(k), ...); }, kernels_);
        }

    private:
        [[nodiscard]] ESPALIER_INLINE() network_input<T> input_or(network_input<T> const& given, T const* x) const noexcept {
            return given.data != nullptr ? given : network_input<T>{x, site_.value.item[0].in};
        }

        template <std::size_t... I>
        auto bind(direction way, std::index_sequence<I...>) const {
            return std::tuple<kernels_of<Ls, T>...>{make_kernels<Ls, T>(site_.value.item[I].in, site_.batch, way)...};
        }

        template <std::size_t... I>
        ESPALIER_INLINE() void pack(T const* weights, std::index_sequence<I...>) {
            (
                [&] {
                    if constexpr (requires(layer_weights<T> const& w) { std::get<I>(kernels_).pack(w); })
                        std::get<I>(kernels_).pack(layer_weights<T>{weights, site_.value.item[I].offset});
                }(),
                ...);
        }

        template <std::size_t... I>
        ESPALIER_INLINE() T const* forward(T const* weights, T const* x, T* activations, T* scratch, sampling const& draw,
                                           std::uint64_t const* names, network_input<T> const& input, tensor_exchange<T>* exchange,
                                           std::index_sequence<I...>) {
            ((element_t<I, layers>::forward(
                  forward_pass<T>{{weights, site_.value.item[I].offset}, site_.value.item[I].in, site_.batch, x,
                                  activations + site_.value.item[I].output, activations + site_.value.item[I].kept, scratch, draw, names[I], input, exchange},
                  std::get<I>(kernels_)),
              x = activations + site_.value.item[I].output),
             ...);
            return x;
        }

        template <std::size_t... I>
        T const* step(T const* weights, T const* x, T* activations, T* scratch, T* state, std::uint64_t const* names,
                      std::index_sequence<I...>) {
            ((x = step_of<I>(weights, x, activations, scratch, state, names)), ...);
            return x;
        }
        template <std::size_t I>
        T const* step_of(T const* weights, T const* x, T* activations, T* scratch, T*& state, std::uint64_t const* names) {
            using layer              = element_t<I, layers>;
            layer_place const& place = site_.value.item[I];
            forward_pass<T> const pass{{weights, place.offset}, place.in, site_.batch, x, activations + place.output,
                                       activations + place.kept, scratch, sampling{}, names[I]};
            if constexpr (requires { layer::step(pass, std::get<I>(kernels_), state); }) layer::step(pass, std::get<I>(kernels_), state);
            else layer::forward(pass, std::get<I>(kernels_));
            state += state_elements<layer>(place.in, site_.batch);
            return activations + place.output;
        }

        template <std::size_t... I>
        ESPALIER_INLINE() void backward(T const* weights, T* gradients, T const* x, T* activations, T* scratch, T* const (&signal)[2],
                                        T* dx, sampling const& draw, std::uint64_t const* names, network_input<T> const& input,
                                        tensor_exchange<T>* exchange, std::index_sequence<I...>) {
            (step_back<size - 1 - static_cast<int>(I)>(weights, gradients, x, activations, scratch, signal, dx, draw, names, input, exchange), ...);
        }

        template <bool First, std::size_t... I>
        void backward_part(T const* weights, T* gradients, T const* x, T* activations, T* scratch, T* retained, T* dx, sampling const& draw,
                           std::uint64_t const* names, network_input<T> const& input, tensor_exchange<T>* exchange,
                                           std::index_sequence<I...>) {
            (part_of<First, size - 1 - I>(weights, gradients, x, activations, scratch, retained, dx, draw, names, input, exchange), ...);
        }
        template <bool First, std::size_t I>
        void part_of(T const* weights, T* gradients, T const* x, T* activations, T* scratch, T* retained, T* dx, sampling const& draw,
                     std::uint64_t const* names, network_input<T> const& input, tensor_exchange<T>* exchange) {
            using layer                  = element_t<I, layers>;
            constexpr std::size_t before = I == 0 ? 0 : I - 1;
            layer_place const& place     = site_.value.item[I];
            backward_pass<T> const pass{{weights, place.offset}, gradients, place.in, site_.batch,
                                        I == 0 ? x : activations + site_.value.item[before].output, activations + place.output,
                                        activations + place.kept, scratch, retained + place.retained,
                                        !First ? nullptr : I == 0 ? dx : retained + site_.value.item[before].retained, draw, names[I], input, exchange};
            auto& kernels = std::get<I>(kernels_);
            if constexpr (SplitsBackward<layer, T>) {
                if constexpr (First) layer::backward_input(pass, kernels);
                else layer::backward_weights(pass, kernels);
            } else if constexpr (First) {
                layer::backward(pass, kernels);
            }
        }

        template <int I>
        ESPALIER_INLINE() void step_back(T const* weights, T* gradients, T const* x, T* activations, T* scratch, T* const (&signal)[2],
                                         T* dx, sampling const& draw, std::uint64_t const* names, network_input<T> const& input,
                                         tensor_exchange<T>* exchange) {
            constexpr int hops = size - 1 - I;  // how many layers the signal has passed
            constexpr std::size_t before = I == 0 ? 0 : static_cast<std::size_t>(I - 1);
            layer_place const& place = site_.value.item[I];
            element_t<static_cast<std::size_t>(I), layers>::backward(
                backward_pass<T>{{weights, place.offset},
                                 gradients,
                                 place.in,
                                 site_.batch,
                                 I == 0 ? x : activations + site_.value.item[before].output,
                                 activations + place.output,
                                 activations + place.kept,
                                 scratch,
                                 signal[hops % 2],
                                 I == 0 ? dx : signal[1 - hops % 2],
                                 draw,
                                 names[I],
                                 input,
                                 exchange},
                std::get<static_cast<std::size_t>(I)>(kernels_));
        }

        [[no_unique_address]] Site site_;
        std::tuple<kernels_of<Ls, T>...> kernels_;
    };

private:
    template <int N>
    static constexpr void append_parameters(parameter_list<parameter_count>& all, int& n, parameter_list<N> const& more,
                                            layer_name const& of) {
        for (int i = 0; i < N; ++i) {
            all.item[n]        = more.item[i];
            all.item[n++].name = full_name(of, more.item[i].name);
        }
    }

    template <class L>
    static constexpr void place(chain_places<size>& all, int i, shape& in, std::int64_t batch) {
        layer_place& p    = all.item[i];
        auto const list   = L::parameters(in);
        p.in              = in;
        p.out             = L::gives(in);
        p.first_parameter = all.parameters;
        p.parameter_count = list.count;
        p.offset[0]       = all.parameter_elements;
        for (int k = 0; k < list.count; ++k) {
            p.offset[k] = all.parameter_elements;
            all.parameter_elements += aligned_elements(list.item[k].extents.elements());
        }
        all.parameters += list.count;
        p.output = all.activation_elements;
        all.activation_elements += aligned_elements(p.out.elements() * batch);
        p.kept = all.activation_elements;
        all.activation_elements += aligned_elements(kept_elements<L>(in, batch));
        p.scratch = aligned_elements(scratch_elements<L>(in, batch));
        if (p.scratch > all.scratch_elements) all.scratch_elements = p.scratch;
        std::int64_t const signal = aligned_elements(p.out.elements() * batch);
        std::int64_t& largest     = all.signal_elements[(size - 1 - i) % 2];
        if (signal > largest) largest = signal;
        p.retained = all.retained_elements;
        all.retained_elements += signal;
        in = p.out;
    }
};

}  // namespace espalier
