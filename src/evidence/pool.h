// Work on several threads whose results are taken in the order in which it was given.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace huntbook::evidence {

/// `consume` runs on the thread that calls push() and finish(). At most a few results wait, so memory is
/// bounded.
template <typename R>
class OrderedPool {
 public:
  OrderedPool(unsigned threads, std::function<void(R)> consume)
      : consume_(std::move(consume)), limit_(2 * threads + 2) {
    for (unsigned i = 0; i < threads; ++i) {
      workers_.emplace_back([this] { work(); });
    }
  }
  ~OrderedPool() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    ready_.notify_all();
    for (auto& worker : workers_) worker.join();
  }
  OrderedPool(const OrderedPool&) = delete;
  OrderedPool& operator=(const OrderedPool&) = delete;

  void push(std::function<R()> job) {
    while (results_.size() >= limit_) take();
    std::packaged_task<R()> task(std::move(job));
    results_.push_back(task.get_future());
    {
      std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(task));
    }
    ready_.notify_one();
  }
  void finish() {
    while (!results_.empty()) take();
  }

 private:
  void take() {
    R result = results_.front().get();
    results_.pop_front();
    consume_(std::move(result));
  }
  void work() {
    while (true) {
      std::packaged_task<R()> task;
      {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        task = std::move(jobs_.front());
        jobs_.pop_front();
      }
      task();
    }
  }

  std::function<void(R)> consume_;
  size_t limit_;
  std::deque<std::future<R>> results_;
  std::deque<std::packaged_task<R()>> jobs_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<std::thread> workers_;
  bool stop_ = false;
};

}  // namespace huntbook::evidence
