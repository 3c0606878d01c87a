// Bodies that encode, decode, compress and hash.
#include <openssl/evp.h>
#include <xxhash.h>
#include <zlib.h>

#include <array>
#include <cctype>
#include <cstring>

#include "base/text.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr size_t kMaxDecompressed = 64u << 20;  // a few bytes must not become gigabytes
constexpr char kHex[] = "0123456789abcdef";

// --------------------------------------------------------------------- base64

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encode_base64(std::string_view bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) out += k <= count ? kBase64[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int have = 0;
  size_t digits = 0, padding = 0;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c))) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const void* place = c ? std::memchr(kBase64, c, 64) : nullptr;
    if (!place || padding) return std::nullopt;
    ++digits;
    bits = bits << 6 | static_cast<uint32_t>(static_cast<const char*>(place) - kBase64);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(bits >> have & 255);
    }
  }
  if ((digits + padding) % 4 != 0 || padding > 2) return std::nullopt;
  return out;
}

void base64_encode_tostring(Args args, Value& out, Context& context) {
  set_text(out, encode_base64(args[0].text), context);
}

void base64_decode_tostring(Args args, Value& out, Context& context) {
  auto bytes = decode_base64(args[0].text);
  if (bytes && is_valid_utf8(*bytes)) set_text(out, std::move(*bytes), context);
}

void base64_decode_toarray(Args args, Value& out, Context& context) {
  const auto bytes = decode_base64(args[0].text);
  if (!bytes) return;
  std::string array = "[";
  for (const char byte : *bytes) {
    if (array.size() > 1) array += ',';
    array += std::to_string(static_cast<unsigned char>(byte));
  }
  set_dynamic(out, array + "]", context);
}

void base64_encode_fromarray(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  std::string bytes;
  for (const auto raw : *elements) {
    const auto number = json_number(raw);
    if (!number || !number->whole || number->integer < 0 || number->integer > 255) return;
    bytes += static_cast<char>(number->integer);
  }
  set_text(out, encode_base64(bytes), context);
}

// The order of a GUID's bytes in memory: the first three groups are little-endian.
constexpr std::array<size_t, 16> kGuidOrder = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

void base64_encode_fromguid(Args args, Value& out, Context& context) {
  std::string digits;
  for (const char c : args[0].text) {
    if (std::isxdigit(static_cast<unsigned char>(c))) digits += c;
  }
  if (digits.size() != 32) return;
  std::string bytes(16, '\0');
  for (size_t i = 0; i < 16; ++i) {
    bytes[i] = static_cast<char>(std::stoi(digits.substr(kGuidOrder[i] * 2, 2), nullptr, 16));
  }
  set_text(out, encode_base64(bytes), context);
}

void base64_decode_toguid(Args args, Value& out, Context& context) {
  const auto bytes = decode_base64(args[0].text);
  if (!bytes || bytes->size() != 16) return;
  std::string guid;
  for (size_t i = 0; i < 16; ++i) {
    const auto byte = static_cast<unsigned char>((*bytes)[kGuidOrder[i]]);
    guid += kHex[byte >> 4];
    guid += kHex[byte & 15];
    if (i == 3 || i == 5 || i == 7 || i == 9) guid += '-';
  }
  out = Value::of_text(context.keep(std::move(guid)), Type::kGuid);
}

// ------------------------------------------------------------------------ url

template <bool component>
void url_encode(Args args, Value& out, Context& context) {
  const std::string_view plain = component ? "-_.~" : "-_.!*()";
  std::string text;
  for (const char c : args[0].text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 128 && std::isalnum(byte)) || plain.find(c) != std::string_view::npos) {
      text += c;
    } else if (!component && c == ' ') {
      text += '+';
    } else {
      text += '%';
      text += kHex[byte >> 4];
      text += kHex[byte & 15];
    }
  }
  set_text(out, std::move(text), context);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void url_decode(Args args, Value& out, Context& context) {
  const std::string_view in = args[0].text;
  std::string text;
  for (size_t i = 0; i < in.size(); ++i) {
    const int high = in[i] == '%' && i + 2 < in.size() ? hex_digit(in[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(in[i + 2]) : -1;
    if (low >= 0) {
      text += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      text += in[i] == '+' ? ' ' : in[i];
    }
  }
  set_text(out, is_valid_utf8(text) ? std::move(text) : repair_utf8(text), context);
}

// ---------------------------------------------------------------- compression

enum class Format : uint8_t { kZlib, kGzip };

std::optional<std::string> deflate_raw(std::string_view text, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) return std::nullopt;
  std::string bytes(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  const int status = deflate(&stream, Z_FINISH);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return std::nullopt;
  return bytes;
}

// A text that does not become smaller is stored as it is.
template <Format format>
void compress_text(Args args, Value& out, Context& context) {
  const std::string_view text = args[0].text;
  auto body = deflate_raw(text, Z_BEST_SPEED);
  if (body && body->size() >= text.size()) body = deflate_raw(text, Z_NO_COMPRESSION);
  if (!body) return;
  const auto* input = reinterpret_cast<const Bytef*>(text.data());
  const auto size = static_cast<uInt>(text.size());
  std::string bytes;
  if (format == Format::kZlib) {
    bytes = "\x78\x01" + *body;
    const uLong sum = adler32(adler32(0, nullptr, 0), input, size);
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(sum >> shift & 255);
  } else {
    bytes = std::string("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10) + *body;
    for (const uLong word : {crc32(crc32(0, nullptr, 0), input, size), static_cast<uLong>(size)}) {
      for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(word >> shift & 255);
    }
  }
  set_text(out, encode_base64(bytes), context);
}

template <Format format>
void decompress_text(Args args, Value& out, Context& context) {
  auto bytes = decode_base64(args[0].text);
  if (!bytes) return;
  z_stream stream{};
  if (inflateInit2(&stream, format == Format::kGzip ? 31 : 15) != Z_OK) return;
  stream.next_in = reinterpret_cast<Bytef*>(bytes->data());
  stream.avail_in = static_cast<uInt>(bytes->size());
  std::string text;
  std::array<char, 16384> buffer;
  int status = Z_OK;
  while (status == Z_OK && text.size() <= kMaxDecompressed) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status == Z_STREAM_END && is_valid_utf8(text)) set_text(out, std::move(text), context);
}

// --------------------------------------------------------------------- hashes

// A number is hashed as its bytes in memory, everything else as its text.
uint64_t hash_of(const Value& value) {
  switch (value.type) {
    case Type::kReal: return XXH64(&value.real, sizeof value.real, 0);
    case Type::kLong:
    case Type::kDatetime:
    case Type::kTimespan: return XXH64(&value.integer, sizeof value.integer, 0);
    case Type::kInt: {
      const int32_t narrow = static_cast<int32_t>(value.integer);
      return XXH64(&narrow, sizeof narrow, 0);
    }
    case Type::kBool: {
      const char one = value.integer != 0;
      return XXH64(&one, 1, 0);
    }
    default: return XXH64(value.text.data(), value.text.size(), 0);
  }
}

void hash(Args args, Value& out, Context&) {
  int64_t code = static_cast<int64_t>(hash_of(args[0]));
  if (args.size() > 1) {
    const int64_t buckets = args[1].integer;
    if (buckets <= 0) return;
    code %= buckets;
    if (code < 0) code += buckets;
  }
  set_long(out, code);
}

template <const EVP_MD* (*algorithm)()>
void digest(Args args, Value& out, Context& context) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  if (EVP_Digest(args[0].text.data(), args[0].text.size(), bytes.data(), &size, algorithm(), nullptr) != 1)
    return;
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  set_text(out, std::move(text), context);
}

// ----------------------------------------------------------------- code points

void append_code_points(std::string& out, std::string_view raw) {
  if (json_kind(raw) == JsonKind::kArray) {
    for (JsonElements it(raw); it.next();) append_code_points(out, it.value);
    return;
  }
  const auto number = json_number(raw);
  if (!number || !number->whole || number->integer <= 0 || number->integer > 0x10FFFF) return;
  if (number->integer >= 0xD800 && number->integer < 0xE000) return;
  append_utf8(out, static_cast<char32_t>(number->integer));
}

void unicode_codepoints_to_string(Args args, Value& out, Context& context) {
  std::string text;
  for (const Value& arg : args) append_code_points(text, raw_or_null(arg));
  set_text(out, std::move(text), context);
}

void unicode_codepoints_from_string(Args args, Value& out, Context& context) {
  std::string array = "[";
  for (size_t at = 0; at < args[0].text.size();) {
    if (array.size() > 1) array += ',';
    array += std::to_string(static_cast<uint32_t>(next_code_point(args[0].text, at)));
  }
  set_dynamic(out, array + "]", context);
}

constexpr BodyEntry kBodies[] = {
    {"base64_encode_tostring", base64_encode_tostring},
    {"base64_decode_tostring", base64_decode_tostring},
    {"base64_decode_toarray", base64_decode_toarray},
    {"base64_encode_fromarray", base64_encode_fromarray},
    {"base64_encode_fromguid", base64_encode_fromguid},
    {"base64_decode_toguid", base64_decode_toguid},
    {"url_encode", url_encode<false>},
    {"url_encode_component", url_encode<true>},
    {"url_decode", url_decode},
    {"gzip_compress_to_base64_string", compress_text<Format::kGzip>},
    {"zlib_compress_to_base64_string", compress_text<Format::kZlib>},
    {"gzip_decompress_from_base64_string", decompress_text<Format::kGzip>},
    {"zlib_decompress_from_base64_string", decompress_text<Format::kZlib>},
    {"hash", hash},
    {"hash_md5", digest<EVP_md5>},
    {"hash_sha1", digest<EVP_sha1>},
    {"hash_sha256", digest<EVP_sha256>},
    {"unicode_codepoints_to_string", unicode_codepoints_to_string},
    {"unicode_codepoints_from_string", unicode_codepoints_from_string},
};

}  // namespace

std::span<const BodyEntry> encoding_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
