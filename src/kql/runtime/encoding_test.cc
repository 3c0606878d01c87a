#include <gtest/gtest.h>

#include "kql/runtime/call_body.h"

namespace huntbook::kql::runtime {
namespace {

std::string string_of(std::string_view body, const std::vector<Value>& args) {
  return call(body, args, Type::kString);
}

TEST(Encoding, Base64) {
  EXPECT_EQ(string_of("base64_encode_tostring", {text("Kusto")}), "S3VzdG8=");
  EXPECT_EQ(string_of("base64_encode_tostring", {text("ab")}), "YWI=");
  EXPECT_EQ(string_of("base64_encode_tostring", {text("")}), "");
  EXPECT_EQ(string_of("base64_decode_tostring", {text("S3VzdG8=")}), "Kusto");
  EXPECT_EQ(string_of("base64_decode_tostring", {text("S3VzdG8")}), "");
  EXPECT_EQ(string_of("base64_decode_tostring", {text("S3Vz!G8=")}), "");
  EXPECT_EQ(string_of("base64_decode_tostring", {text("/w==")}), "");
  EXPECT_EQ(call("base64_decode_toarray", {text("S3VzdG8=")}), "[75,117,115,116,111]");
  EXPECT_EQ(string_of("base64_encode_fromarray", {dynamic("[75,256]")}), "");
  const auto guid = Value::of_text("ae3133f2-6e22-49ae-b06a-16e6a9b212eb", Type::kGuid);
  EXPECT_EQ(string_of("base64_encode_fromguid", {guid}), "8jMxriJurkmwahbmqbIS6w==");
  EXPECT_EQ(call("base64_decode_toguid", {text("8jMxriJurkmwahbmqbIS6w==")}, Type::kGuid), guid.text);
}

TEST(Encoding, Url) {
  EXPECT_EQ(string_of("url_encode", {text("https://www.bing.com/hello world")}),
            "https%3a%2f%2fwww.bing.com%2fhello+world");
  EXPECT_EQ(string_of("url_encode_component", {text("a b/é")}), "a%20b%2f%c3%a9");
  EXPECT_EQ(string_of("url_decode", {text("a%20b%2Fc+d%zz%4")}), "a b/c d%zz%4");
  EXPECT_EQ(string_of("url_decode", {text("%ff")}), "\xEF\xBF\xBD");
}

TEST(Encoding, Compression) {
  EXPECT_EQ(string_of("gzip_decompress_from_base64_string",
                      {text("H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==")}),
            "1234567890qwertyuiop");
  EXPECT_EQ(string_of("zlib_decompress_from_base64_string", {text("eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=")}),
            "Test string 123");
  EXPECT_EQ(string_of("zlib_decompress_from_base64_string", {text("eJwLSS0=")}), "");
  EXPECT_EQ(string_of("zlib_compress_to_base64_string", {text("1234567890qwertyuiop")}),
            "eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw==");
  EXPECT_EQ(string_of("gzip_compress_to_base64_string", {text("1234567890qwertyuiop")}),
            "H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==");
  for (const std::string_view kind : {"gzip", "zlib"}) {
    const std::string packed =
        string_of(std::string(kind) + "_compress_to_base64_string", {text("round and round")});
    EXPECT_EQ(string_of(std::string(kind) + "_decompress_from_base64_string", {text(packed)}),
              "round and round");
  }
}

TEST(Encoding, Hashes) {
  EXPECT_EQ(call("hash", {text("World")}, Type::kLong), "1846988464401551951");
  EXPECT_EQ(call("hash", {text("World"), number(100)}, Type::kLong), "51");
  EXPECT_EQ(call("hash", {text("World"), number(0)}, Type::kLong), "null");
  EXPECT_EQ(call("hash", {Value::of_long(635'556'672'000'000'000, Type::kDatetime)}, Type::kLong),
            "1380966698541616202");
  EXPECT_EQ(string_of("hash_md5", {text("World")}), "f5a7924e621e84c9280a9a27e1bcb7f6");
  EXPECT_EQ(string_of("hash_sha1", {text("2020-01-01T00:00:00.0000000Z")}),
            "e903e533f4d636b4fc0dcf3cf81e7b7f330de776");
  EXPECT_EQ(string_of("hash_sha256", {text("World")}),
            "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524");
}

TEST(Encoding, Punycode) {
  EXPECT_EQ(string_of("punycode_from_string", {text("académie-française")}), "acadmie-franaise-npb1a");
  EXPECT_EQ(string_of("punycode_to_string", {text("acadmie-franaise-npb1a")}), "académie-française");
  EXPECT_EQ(string_of("punycode_to_string", {text("99999999999")}), "");
  EXPECT_EQ(string_of("punycode_domain_from_string", {text("xn--Ry-lja8c.xn--Jng-uta63a.xn--Bng-9ka.com")}),
            "Rúyì.Jīngū.Bàng.com");
  EXPECT_EQ(string_of("punycode_domain_to_string", {text("Lê Lợi。Thuận Thiên。com")}),
            "xn--L Li-gpa4517b.xn--Thun Thin-s4a7194f.com");
  EXPECT_EQ(string_of("punycode_domain_to_string", {text("Riðill｡Skáldskaparmál｡org")}),
            "xn--Riill-jta.xn--Skldskaparml-dbbj.org");
}

TEST(Encoding, CodePoints) {
  EXPECT_EQ(string_of("unicode_codepoints_to_string", {dynamic("[75,[117,115]]"), dynamic("128512")}),
            "Kus😀");
  EXPECT_EQ(call("unicode_codepoints_from_string", {text("ק-K")}), "[1511,45,75]");
}

}  // namespace
}  // namespace huntbook::kql::runtime
