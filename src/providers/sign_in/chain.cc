// Several ways to sign in, one after the other; the first that gives a token is kept to.
#include <fmt/format.h>

#include "providers/sign_in.h"

namespace huntbook {
namespace {

struct Link {
  std::string name;
  std::unique_ptr<TokenSource> source;  // null when it could not be made
  std::optional<Diagnostic> failure;
};

class ChainSource : public TokenSource {
 public:
  explicit ChainSource(std::vector<Link> links) : links_(std::move(links)) {}

  Result<Secret> token(std::string_view scope, bool force_new) override {
    if (chosen_) return chosen_->token(scope, force_new);
    for (auto& link : links_) {
      if (!link.source) continue;
      auto token = link.source->token(scope, force_new);
      if (token.ok()) {
        chosen_ = link.source.get();
        return token;
      }
      const std::string& code = token.error().code;
      if (code == "HB-E130" || code == "HB-W003") return token;  // interrupted, offline: no other way helps
      link.failure = token.error();
    }
    Diagnostic all{"HB-R107", "no way to sign in worked", {}, "", "", ""};
    for (const auto& link : links_) {
      all.message += fmt::format("; {}: {}", link.name, link.failure->message);
      if (!link.failure->hint.empty())
        all.hint += fmt::format("{}{}: {}", all.hint.empty() ? "" : "; ", link.name, link.failure->hint);
    }
    return all;
  }
  std::string description() const override {
    if (chosen_) return chosen_->description();
    std::string out;
    for (const auto& link : links_)
      out += (out.empty() ? "" : ", then ") + (link.source ? link.source->description() : link.name);
    return out;
  }

 private:
  std::vector<Link> links_;
  TokenSource* chosen_ = nullptr;
};

}  // namespace

std::unique_ptr<TokenSource> chain_sign_in(std::span<const SignInWay* const> ways,
                                           const SignInRequest& request) {
  std::vector<Link> links;
  for (const auto* way : ways) {
    Link link{std::string(way->name), nullptr, std::nullopt};
    auto made = way->make(request);
    if (made.ok()) link.source = std::move(*made);
    else link.failure = made.error();
    links.push_back(std::move(link));
  }
  return std::make_unique<ChainSource>(std::move(links));
}

}  // namespace huntbook
