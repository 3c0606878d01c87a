#include "config/secret_service.h"

#include <fmt/format.h>
#include <libsecret/secret.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/escape.h"

namespace huntbook {
namespace {

// Items that `secret-tool store --label=X service S account A` made are found too.
const SecretSchema kSchema{"org.huntbook.Secret",
                           SECRET_SCHEMA_DONT_MATCH_NAME,
                           {{"service", SECRET_SCHEMA_ATTRIBUTE_STRING},
                            {"account", SECRET_SCHEMA_ATTRIBUTE_STRING},
                            {nullptr, SECRET_SCHEMA_ATTRIBUTE_STRING}},
                           0,
                           nullptr,
                           nullptr,
                           nullptr,
                           nullptr,
                           nullptr,
                           nullptr,
                           nullptr};

Diagnostic failure(std::string message, std::string hint) {
  return {"HB-K007", std::move(message), {}, std::move(hint), "", ""};
}

Diagnostic no_service() {
  return failure("there is no Secret Service on this machine",
                 "start a keyring (gnome-keyring, KeePassXC), or use {env: NAME} or {file: PATH}");
}

struct Call {
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  std::optional<Result<Secret>> result;
  GCancellable* cancellable = g_cancellable_new();
  ~Call() { g_object_unref(cancellable); }
};

// What the library says went wrong, in the user's terms.
Diagnostic explain(GError* error) {
  Diagnostic made;
  if (error->domain == G_DBUS_ERROR || (error->domain == G_IO_ERROR && error->code != G_IO_ERROR_CANCELLED)) {
    const bool missing = g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
                         g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
                         error->domain == G_IO_ERROR;
    made = missing ? no_service() : failure("it failed: " + escape_terminal(error->message), "");
  } else if (g_error_matches(error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED)) {
    made = failure("it is locked", "unlock your keyring and try again");
  } else {
    made = failure("it failed: " + escape_terminal(error->message), "");
  }
  g_error_free(error);
  return made;
}

// Runs a call beside this thread, and leaves it behind when it does not even heed its cancellation: a bus
// that takes the connection and says nothing holds up nobody.
template <typename Body>
Result<Secret> in_time(const Environment& environment, std::chrono::milliseconds timeout, Body body) {
  // Without an address the library would start a bus of its own.
  const auto runtime = environment("XDG_RUNTIME_DIR");
  const bool has_bus = !environment("DBUS_SESSION_BUS_ADDRESS").value_or("").empty() ||
                       (runtime && g_file_test((*runtime + "/bus").c_str(), G_FILE_TEST_EXISTS));
  if (!has_bus) return no_service();
  auto call = std::make_shared<Call>();
  std::thread([call, body = std::move(body)] {
    Result<Secret> result = body(call->cancellable);
    const std::lock_guard lock(call->mutex);
    call->result.emplace(std::move(result));
    call->done = true;
    call->ended.notify_all();
  }).detach();
  std::unique_lock lock(call->mutex);
  if (!call->ended.wait_for(lock, timeout, [&] { return call->done; })) {
    lock.unlock();
    g_cancellable_cancel(call->cancellable);
    return failure(fmt::format("no answer within {} s", static_cast<double>(timeout.count()) / 1000),
                   "is the keyring waiting to be unlocked?");
  }
  return std::move(*call->result);
}

}  // namespace

Result<Secret> secret_service_get(const std::string& service, const std::string& account,
                                  const Environment& environment, std::chrono::milliseconds timeout) {
  return in_time(environment, timeout, [service, account](GCancellable* cancellable) -> Result<Secret> {
    GError* error = nullptr;
    gchar* text = secret_password_lookup_nonpageable_sync(
        &kSchema, cancellable, &error, "service", service.c_str(), "account", account.c_str(), nullptr);
    if (error) return explain(error);
    if (!text) {
      return failure(
          fmt::format("it has no secret for service `{}` and account `{}`", service, account),
          fmt::format("secret-tool store --label=huntbook service {} account {}", service, account));
    }
    Secret secret{std::string_view(text)};
    secret_password_free(text);
    return secret;
  });
}

Status secret_service_set(const std::string& service, const std::string& account, const Secret& secret,
                          const Environment& environment, std::chrono::milliseconds timeout) {
  auto done =
      in_time(environment, timeout, [service, account, secret](GCancellable* cancellable) -> Result<Secret> {
        GError* error = nullptr;
        std::string text(secret.reveal());
        const std::string label = "Huntbook: " + service + " " + account;
        secret_password_store_sync(&kSchema, SECRET_COLLECTION_DEFAULT, label.c_str(), text.c_str(),
                                   cancellable, &error, "service", service.c_str(), "account",
                                   account.c_str(), nullptr);
        wipe(text);
        if (error) return explain(error);
        return Secret();
      });
  if (!done.ok()) return done.error();
  return {};
}

}  // namespace huntbook
