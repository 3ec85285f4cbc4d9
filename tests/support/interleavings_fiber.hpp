// SPDX-License-Identifier: BSL-1.0
/// @file
/// A function that can stop in the middle and go on later, on a stack of its own and the same thread: what plays a thread in a model.
/// It knows nothing of steps or orders; who resumes whom is decided in interleavings_run.hpp.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#    include <sanitizer/asan_interface.h>
#    include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#    include <sanitizer/tsan_interface.h>
#endif

namespace espalier_test {

/// One at a time runs; `resume` and `pause` take turns. A function that is started anew, or destroyed, while it is paused is
/// forgotten where it stands: it must own nothing there.
class fiber {
public:
    fiber() = default;
    fiber(fiber const&)            = delete;
    fiber& operator=(fiber const&) = delete;
    ~fiber() { forget(); }

    /// Lays out `body` so that `resume` begins it.
    void start(std::function<void()> body) {
        forget();
        body_ = std::move(body);
        ended_ = false;
        ::getcontext(&inside_);
        inside_.uc_stack.ss_sp   = stack_.get();
        inside_.uc_stack.ss_size = stack_bytes;
        inside_.uc_link          = nullptr;
        to_start()               = this;
        ::makecontext(&inside_, [] { to_start()->begin(); }, 0);
#if defined(__SANITIZE_ADDRESS__)
        ASAN_UNPOISON_MEMORY_REGION(stack_.get(), stack_bytes);
#elif defined(__SANITIZE_THREAD__)
        shadow_ = __tsan_create_fiber(0);
#endif
    }
    /// Runs the body until it pauses or ends.
    void resume() {
        to_start() = this;
#if defined(__SANITIZE_ADDRESS__)
        void* mine = nullptr;
        __sanitizer_start_switch_fiber(&mine, stack_.get(), stack_bytes);
#elif defined(__SANITIZE_THREAD__)
        outer_shadow_ = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(shadow_, 0);
#endif
        ::swapcontext(&outside_, &inside_);
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(mine, nullptr, nullptr);
#endif
    }
    /// Gives control back to who has resumed. Inside the body only.
    void pause() {
#if defined(__SANITIZE_ADDRESS__)
        void* mine = nullptr;
        __sanitizer_start_switch_fiber(&mine, outer_stack_, outer_bytes_);
#elif defined(__SANITIZE_THREAD__)
        __tsan_switch_to_fiber(outer_shadow_, 0);
#endif
        ::swapcontext(&inside_, &outside_);
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(mine, &outer_stack_, &outer_bytes_);
#endif
    }
    [[nodiscard]] bool has_ended() const noexcept { return ended_; }

private:
    static constexpr std::size_t stack_bytes = 256 * 1024;

    /// makecontext hands over ints only.
    [[nodiscard]] static fiber*& to_start() noexcept {
        static fiber* one = nullptr;
        return one;
    }
    void begin() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(nullptr, &outer_stack_, &outer_bytes_);
#endif
        body_();
        ended_ = true;
        for (;;) pause();
    }
    void forget() noexcept {
#if defined(__SANITIZE_THREAD__)
        if (shadow_ != nullptr) __tsan_destroy_fiber(std::exchange(shadow_, nullptr));
#endif
    }

    std::unique_ptr<std::byte[]> stack_{new std::byte[stack_bytes]};
    std::function<void()> body_;
    bool ended_ = true;
    ucontext_t inside_{};
    ucontext_t outside_{};
#if defined(__SANITIZE_ADDRESS__)
    void const* outer_stack_ = nullptr;
    std::size_t outer_bytes_ = 0;
#elif defined(__SANITIZE_THREAD__)
    void* shadow_       = nullptr;
    void* outer_shadow_ = nullptr;
#endif
};

}  // namespace espalier_test
