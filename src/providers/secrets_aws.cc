// Secrets of AWS Secrets Manager: requests signed with the keys of the environment or of a profile (SigV4).
#include <fmt/format.h>

#include <ctime>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "config/file.h"
#include "providers/crypto.h"
#include "providers/secrets.h"

namespace huntbook {
namespace {

struct Keys {
  std::string id;
  Secret secret;
  Secret session;  // may be empty
};

// The keys of a profile in a credentials file: sections in brackets, "name = value".
Result<Keys> keys_of_profile(const SecretRequest& request) {
  std::string file = request.variable("AWS_SHARED_CREDENTIALS_FILE"),
              profile = request.variable("AWS_PROFILE");
  if (file.empty()) file = settings_relative("~/.aws/credentials", "", request.environment);
  if (profile.empty()) profile = "default";
  auto content = read_secret_file(file);
  if (!content.ok()) {
    if (content.error().code == "HB-K005")
      return secret_failure(fmt::format("{}: {}", file, content.error().message), content.error().hint);
    return secret_failure(
        "no keys for AWS",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in ~/.aws/credentials");
  }
  Keys keys;
  bool inside = false;
  for (auto line : split(content->reveal(), '\n')) {
    line = trim(line);
    if (line.starts_with('[')) inside = trim(line.substr(1, line.find(']') - 1)) == profile;
    const size_t equal = line.find('=');
    if (!inside || line.starts_with('#') || line.starts_with(';') || equal == std::string_view::npos)
      continue;
    const auto name = trim(line.substr(0, equal)), value = trim(line.substr(equal + 1));
    if (name == "aws_access_key_id") keys.id = value;
    else if (name == "aws_secret_access_key") keys.secret = Secret(value);
    else if (name == "aws_session_token") keys.session = Secret(value);
  }
  if (keys.id.empty() || keys.secret.empty())
    return secret_failure(fmt::format("profile `{}` of {} has no keys", profile, file),
                          "aws_access_key_id and aws_secret_access_key, or AWS_PROFILE of another");
  return keys;
}

Result<Keys> keys_of(const SecretRequest& request) {
  Keys keys;
  keys.id = request.variable("AWS_ACCESS_KEY_ID");
  keys.secret = Secret::take(request.variable("AWS_SECRET_ACCESS_KEY"));
  keys.session = Secret::take(request.variable("AWS_SESSION_TOKEN"));
  if (!keys.id.empty() && !keys.secret.empty()) return keys;
  return keys_of_profile(request);
}

// The fourth part of arn:aws:secretsmanager:REGION:..., else what is set.
std::string region_of(const SecretRequest& request, const std::string& secret) {
  if (const auto region = request.field("region"); !region.empty()) return region;
  const auto parts = split(secret, ':');
  if (parts.size() > 5 && parts[0] == "arn") return std::string(parts[3]);
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (const auto region = request.variable(name); !region.empty()) return region;
  }
  return {};
}

std::string host_of(const net::Url& url) {
  const bool usual = url.port == (url.scheme == "https" ? 443 : 80);
  return usual ? url.host : fmt::format("{}:{}", url.host, url.port);
}

// Adds date, session and signature to a request.
void sign(net::Request& request, const net::Url& url, const Keys& keys, const std::string& region,
          const std::string& target) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char stamp[20];
  std::strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
  const std::string time = stamp, day = time.substr(0, 8),
                    scope = day + "/" + region + "/secretsmanager/aws4_request";
  const std::string type = "application/x-amz-json-1.1";
  std::string names = "content-type;host;x-amz-date";
  std::string headers = "content-type:" + type + "\nhost:" + host_of(url) + "\nx-amz-date:" + time + "\n";
  if (!keys.session.empty()) {
    names += ";x-amz-security-token";
    headers += "x-amz-security-token:" + std::string(keys.session.reveal()) + "\n";
  }
  names += ";x-amz-target";
  headers += "x-amz-target:" + target + "\n";
  std::string canonical =
      "POST\n" + url.path + "\n\n" + headers + "\n" + names + "\n" + to_hex(sha256(request.body));
  const std::string text = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + to_hex(sha256(canonical));
  wipe(canonical);
  wipe(headers);
  std::string key = "AWS4" + std::string(keys.secret.reveal());
  for (const auto& part : {day, region, std::string("secretsmanager"), std::string("aws4_request")}) {
    std::string next = hmac_sha256(key, part);
    wipe(key);
    key = std::move(next);
  }
  const std::string signature = to_hex(hmac_sha256(key, text));
  wipe(key);
  request.headers = {{"Content-Type", type}, {"X-Amz-Date", time}, {"X-Amz-Target", target}};
  request.secret_headers = {
      {"Authorization", "",
       Secret(fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}", keys.id, scope,
                          names, signature))}};
  if (!keys.session.empty()) request.secret_headers.push_back({"X-Amz-Security-Token", "", keys.session});
}

Diagnostic refusal(const net::HttpClient& client, const net::Response& reply, const std::string& secret,
                   const std::string& region) {
  auto json = parse_json(reply.body);
  const auto text = [&](const char* key) {
    const Json* found = json.ok() && json->kind() == Json::Kind::kObject ? json->find(key) : nullptr;
    return found && found->kind() == Json::Kind::kString ? found->as_string() : std::string();
  };
  std::string type = text("__type");
  if (const size_t hash = type.find('#'); hash != std::string::npos) type.erase(0, hash + 1);
  std::string said = text("Message").empty() ? text("message") : text("Message");
  std::string hint;
  if (type == "ResourceNotFoundException")
    hint = fmt::format("check the secret's name `{}` and the region `{}`", secret, region);
  else if (type == "AccessDeniedException")
    hint = "the keys may not read this secret: secretsmanager:GetSecretValue";
  else if (type == "UnrecognizedClientException" || type == "InvalidSignatureException" ||
           type == "IncompleteSignatureException" || type == "InvalidClientTokenId")
    hint = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and this machine's clock";
  else if (type == "ExpiredTokenException") hint = "the session has ended: sign in to AWS again";
  return secret_failure(
      fmt::format("AWS answered {}{}{}", reply.status, type.empty() ? "" : " " + client.quote(type),
                  said.empty() ? "" : ": " + client.quote(said)),
      hint);
}

}  // namespace

Result<Secret> aws_secret(const SecretRequest& request) {
  const std::string secret = request.field("secret"), region = region_of(request, secret);
  if (region.empty()) return secret_failure("no region of AWS is named", "set `region`, or AWS_REGION");
  for (const char c : region) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-')
      return secret_failure(fmt::format("`{}` is no region of AWS", region), "such as eu-west-1");
  }
  std::string endpoint = request.variable("AWS_ENDPOINT_URL_SECRETS_MANAGER");
  if (endpoint.empty()) endpoint = request.variable("AWS_ENDPOINT_URL");
  const bool named = !endpoint.empty();
  if (!named)
    endpoint = fmt::format("https://secretsmanager.{}.amazonaws.com{}", region,
                           region.starts_with("cn-") ? ".cn" : "");
  auto url = net::parse_url(endpoint);
  if (!url.ok()) return url.error();
  auto client = secret_client(request, endpoint, named);
  if (!client.ok()) return client.error();
  auto keys = keys_of(request);
  if (!keys.ok()) return keys.error();
  (*client)->keep_out(keys->secret);
  net::Request post;
  post.method = "POST";
  post.url = url->text();
  post.max_bytes = 1 << 20;
  post.body = "{\"SecretId\":";
  append_json_string(post.body, secret);
  if (const auto version = request.field("version"); !version.empty()) {
    post.body += ",\"VersionId\":";
    append_json_string(post.body, version);
  }
  post.body += "}";
  sign(post, *url, *keys, region, "secretsmanager.GetSecretValue");
  auto reply = (*client)->send(post);
  if (!reply.ok()) return reply.error();
  if (!reply->ok()) return refusal(**client, *reply, secret, region);
  auto json = parse_json(reply->body);
  wipe(reply->body);
  const Json* text = json.ok() ? json->find("SecretString") : nullptr;
  if (!text || text->kind() != Json::Kind::kString)
    return secret_failure(fmt::format("`{}` is no text", secret), "only secrets that are text can be used");
  const std::string key = request.field("key");
  if (key.empty()) return Secret(text->as_string());
  return secret_field(text->as_string(), key, fmt::format("`{}`", secret));
}

}  // namespace huntbook
