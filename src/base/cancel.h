// Cancellation and progress of long work.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace huntbook {

/// Shared by whoever asks for the stop and whoever must stop; safe from signal handlers and threads.
class CancelToken {
 public:
  CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}
  void cancel() { flag_->store(true, std::memory_order_relaxed); }
  bool cancelled() const { return flag_->load(std::memory_order_relaxed); }
  void reset() { flag_->store(false, std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

/// Told of long work; front ends draw it. Called from any thread.
class Progress {
 public:
  virtual ~Progress() = default;
  /// `done` of `total` units (bytes, mostly); total 0 when unknown. `what` is a short label.
  virtual void update(std::string_view what, uint64_t done, uint64_t total) = 0;
};

}  // namespace huntbook
