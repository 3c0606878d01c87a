#include "evidence/cut.h"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace huntbook::evidence {

struct Cutter::Hash {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  Hash() { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~Hash() { EVP_MD_CTX_free(context); }
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;
};

Cutter::Cutter(Member& member) : member_(member), hash_(std::make_unique<Hash>()) {}
Cutter::~Cutter() = default;

// Reads more behind what is there; false at the end.
bool Cutter::fill() {
  if (ended_) return false;
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  const size_t before = buffer_.size();
  buffer_.resize(before + kChunkBytes);
  const size_t got = member_.read(buffer_.data() + before, kChunkBytes);
  buffer_.resize(before + got);
  EVP_DigestUpdate(hash_->context, buffer_.data() + before, got);
  size_ += got;
  if (got < kChunkBytes) ended_ = true;
  return got > 0;
}

std::string_view Cutter::head() {
  if (buffer_.empty()) fill();
  return std::string_view(buffer_).substr(0, kHeadBytes);
}

void Cutter::start(const Recognised& recognised) {
  context_ = recognised.context;
  begin_ = recognised.skip;
  offset_ = recognised.skip;
  in_array_ = false;
}

void Cutter::drain() {
  buffer_.clear();
  begin_ = 0;
  while (fill()) buffer_.clear();
}

std::string Cutter::sha256() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(hash_->context, digest, &length);
  std::string text;
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::unique_ptr<Chunk> Cutter::emit(size_t end, std::vector<std::pair<uint32_t, uint32_t>> records) {
  auto chunk = std::make_unique<Chunk>();
  chunk->size = end - begin_;
  chunk->offset = offset_;
  chunk->bytes.reserve(chunk->size + kPadding);
  chunk->bytes.assign(buffer_, begin_, chunk->size);
  chunk->bytes.resize(chunk->size + kPadding);
  chunk->records = std::move(records);
  offset_ += chunk->size;
  begin_ = end;
  return chunk;
}

// Whole CSV records from begin_ on: line ends inside quotes part nothing.
void Cutter::cut_csv(std::vector<std::pair<uint32_t, uint32_t>>& records, size_t& end) {
  bool quoted = false;
  size_t record = begin_;
  for (size_t i = begin_; i < buffer_.size(); ++i) {
    const char c = buffer_[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '\n' && !quoted) {
      records.emplace_back(static_cast<uint32_t>(record - begin_), static_cast<uint32_t>(i + 1 - begin_));
      record = i + 1;
    }
  }
  if (ended_ && record < buffer_.size()) {
    records.emplace_back(static_cast<uint32_t>(record - begin_), static_cast<uint32_t>(buffer_.size() - begin_));
    record = buffer_.size();
  }
  end = record;
}

// Elements of the outer array, or objects one after the other.
void Cutter::cut_json(std::vector<std::pair<uint32_t, uint32_t>>& records, size_t& end) {
  end = begin_;
  size_t i = begin_;
  while (i < buffer_.size()) {
    const char c = buffer_[i];
    if (static_cast<unsigned char>(c) <= ' ' || c == ',') {
      end = ++i;
      continue;
    }
    if (!in_array_ && c == '[') {
      in_array_ = true;
      end = ++i;
      continue;
    }
    if (in_array_ && (c == ']' || c == '}')) {  // the end of the array, and of a wrapper around it
      end = ++i;
      continue;
    }
    const size_t start = i;
    int depth = 0;
    bool in_string = false, closed = false;
    for (; i < buffer_.size(); ++i) {
      const char d = buffer_[i];
      if (in_string) {
        if (d == '\\') ++i;
        else if (d == '"') in_string = false;
        continue;
      }
      if (d == '"') in_string = true;
      else if (d == '{' || d == '[') ++depth;
      else if (d == '}' || d == ']') {
        if (depth == 0) {  // a scalar before the end of the array
          closed = true;
          break;
        }
        if (--depth == 0) {
          ++i;
          closed = true;
          break;
        }
      } else if (depth == 0 && (d == ',' || d == '\n')) {
        closed = true;
        break;
      }
    }
    if (!closed && !ended_) return;  // the rest comes with the next bytes
    i = std::min(i, buffer_.size());
    records.emplace_back(static_cast<uint32_t>(start - begin_), static_cast<uint32_t>(i - begin_));
    end = i;
  }
}

std::unique_ptr<Chunk> Cutter::next() {
  while (true) {
    if (buffer_.size() - begin_ < kChunkBytes / 2 && !ended_) fill();
    if (begin_ >= buffer_.size()) {
      if (ended_) return nullptr;
      continue;
    }
    std::vector<std::pair<uint32_t, uint32_t>> records;
    size_t end = begin_;
    if (context_.format == Format::kCsv) {
      cut_csv(records, end);
    } else if (context_.format == Format::kJson) {
      cut_json(records, end);
    } else if (ended_) {
      end = buffer_.size();
    } else {
      const size_t line = buffer_.rfind('\n');
      end = line == std::string::npos || line < begin_ ? begin_ : line + 1;
    }
    if (end > begin_) return emit(end, std::move(records));
    if (ended_) {
      begin_ = buffer_.size();
      return nullptr;
    }
    if (!fill() && !ended_) return nullptr;  // a record longer than the buffer: read on
  }
}

}  // namespace huntbook::evidence
