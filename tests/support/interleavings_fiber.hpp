// SPDX-License-Identifier: BSL-1.0
/// @file
/// Functions that stop in the middle and hand over to each other, each on a stack of its own, all on one thread: they play the threads
/// of a model. It knows nothing of steps or orders; who goes on when is decided in interleavings_run.hpp.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include <ucontext.h>

#if defined(__has_feature)  // clang's way to say what g++ says with these macros
#    if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#        define __SANITIZE_ADDRESS__ 1
#    elif __has_feature(thread_sanitizer) && !defined(__SANITIZE_THREAD__)
#        define __SANITIZE_THREAD__ 1
#    endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#    include <sanitizer/asan_interface.h>
#    include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#    include <sanitizer/tsan_interface.h>
#elif defined(__x86_64__)
#    define ESPALIER_TEST_JUMPS 1
#endif

namespace espalier_test {

/// One at a time runs. A function that is started anew, or whose fiber is destroyed, before it has ended is forgotten where it stands:
/// it must own nothing there.
class fiber {
public:
    fiber()                        = default;  ///< the thread's own, until `start`
    fiber(fiber const&)            = delete;
    fiber& operator=(fiber const&) = delete;
    ~fiber() { forget(); }

    /// Lays out `body`, which begins when somebody hands over to it. At its end it hands over to `after`.
    void start(std::function<void()> body, fiber& after) {
        body_  = std::move(body);
        after_ = &after;
        if (!std::exchange(has_ended_, false) || !stack_) lay_out();
    }
    [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }

    /// Stops here, and lets `other` go on. Called by the one that runs.
    void hand_over_to(fiber& other) {
        coming() = &other;
        going()  = this;
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(&shadow_, other.bottom_, other.bytes_);
#elif defined(__SANITIZE_THREAD__)
        if (!stack_) shadow_ = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(other.shadow_, 0);
#endif
        swap_with(other);
        arrives();
    }

private:
    static constexpr std::size_t stack_bytes = 256 * 1024;

    /// On a stack that is empty, or forgotten.
    void lay_out() {
        forget();
        if (!stack_) stack_.reset(new std::byte[stack_bytes]);
        ::getcontext(&place_);
        place_.uc_stack.ss_sp   = stack_.get();
        place_.uc_stack.ss_size = stack_bytes;
        place_.uc_link          = nullptr;
        ::makecontext(&place_, [] { coming()->begin(); }, 0);
#if defined(__SANITIZE_ADDRESS__)
        ASAN_UNPOISON_MEMORY_REGION(stack_.get(), stack_bytes);
        bottom_ = stack_.get();
        bytes_  = stack_bytes;
        shadow_ = nullptr;
#elif defined(__SANITIZE_THREAD__)
        shadow_ = __tsan_create_fiber(0);
#elif defined(ESPALIER_TEST_JUMPS)
        is_under_way_ = false;
#endif
    }
#if defined(ESPALIER_TEST_JUMPS)
    /// What swapcontext does, without its two system calls: a step of a model costs half.
    __attribute__((noinline)) void swap_with(fiber& other) {
        if (__builtin_setjmp(jump_) != 0) return;
        if (other.is_under_way_) __builtin_longjmp(other.jump_, 1);
        other.is_under_way_ = true;
        ::setcontext(&other.place_);
    }
#else
    void swap_with(fiber& other) { ::swapcontext(&place_, &other.place_); }
#endif
    /// The two of the last handing over; makecontext passes no pointers.
    [[nodiscard]] static fiber*& coming() noexcept {
        static fiber* one = nullptr;
        return one;
    }
    [[nodiscard]] static fiber*& going() noexcept {
        static fiber* one = nullptr;
        return one;
    }
    void begin() {
        arrives();
        for (;;) {
            body_();
            has_ended_ = true;
            hand_over_to(*after_);
        }
    }
    void arrives() noexcept {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(shadow_, &going()->bottom_, &going()->bytes_);
#endif
    }
    void forget() noexcept {
#if defined(__SANITIZE_THREAD__)
        if (stack_ && shadow_ != nullptr) __tsan_destroy_fiber(std::exchange(shadow_, nullptr));
#endif
    }

    std::unique_ptr<std::byte[]> stack_;
    std::function<void()> body_;
    fiber* after_   = nullptr;
    bool has_ended_ = true;
    ucontext_t place_{};
#if defined(__SANITIZE_ADDRESS__)
    void const* bottom_ = nullptr;
    std::size_t bytes_  = 0;
    void* shadow_       = nullptr;
#elif defined(__SANITIZE_THREAD__)
    void* shadow_ = nullptr;
#elif defined(ESPALIER_TEST_JUMPS)
    void* jump_[5]     = {};
    bool is_under_way_ = true;  ///< that is where to go on; not yet begun: place_
#endif
};

}  // namespace espalier_test
