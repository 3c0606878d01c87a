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

Cutter::Cutter(Member& member, bool hash)
    : member_(member), hash_(hash ? std::make_unique<Hash>() : nullptr) {}
Cutter::~Cutter() = default;

// Reads more behind what is there, the more the longer the record is; false at the end.
bool Cutter::fill() {
  if (ended_) return false;
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  const size_t before = buffer_.size();
  const size_t wanted =
      static_cast<size_t>(std::min<uint64_t>(std::max(kChunkBytes, before), limit_ - size_));
  // In growing steps: a small member costs little.
  size_t got = 0;
  while (got < wanted) {
    const size_t step = std::min(wanted - got, std::max(kHeadBytes, got));
    buffer_.resize(before + got + step);
    const size_t read = member_.read(buffer_.data() + before + got, step);
    got += read;
    if (read < step) break;
  }
  buffer_.resize(before + got);
  if (hash_) EVP_DigestUpdate(hash_->context, buffer_.data() + before, got);
  size_ += got;
  if (got < wanted || size_ == limit_) ended_ = true;
  return got > 0;
}

std::string_view Cutter::head(size_t size) {
  if (buffer_.empty()) fill();
  return std::string_view(buffer_).substr(0, size);
}

void Cutter::start(const Recognised& recognised) {
  context_ = recognised.context;
  begin_ = recognised.skip;
  offset_ = recognised.skip;
  wrapped_ = recognised.wrapped;
}

void Cutter::drain() {
  buffer_.clear();
  begin_ = 0;
  while (fill()) buffer_.clear();
}

std::string Cutter::sha256() {
  if (!hash_) return {};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(hash_->context, digest, &length);
  std::string text;
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::unique_ptr<Chunk> Cutter::emit(size_t end, Records records) {
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

// A record that does not end: its first bytes as a reject, and the rest of its line skipped.
std::unique_ptr<Chunk> Cutter::emit_too_long() {
  auto chunk = std::make_unique<Chunk>();
  chunk->too_long = true;
  chunk->size = 200;
  chunk->offset = offset_;
  chunk->bytes.assign(buffer_, begin_, chunk->size);
  chunk->bytes.resize(chunk->size + kPadding);
  while (true) {
    const size_t line = buffer_.find('\n', begin_);
    const size_t end = line == std::string::npos ? buffer_.size() : line + 1;
    offset_ += end - begin_;
    begin_ = end;
    if (line != std::string::npos) break;
    buffer_.clear();
    begin_ = 0;
    if (!fill()) break;
  }
  return chunk;
}

// Whole CSV records from begin_ on: line ends inside quoted cells part nothing. A quote that nothing closes
// spoils its own line only.
void Cutter::cut_csv(Records& records, size_t& end) {
  end = begin_;
  while (end < buffer_.size()) {
    size_t next = end_of_csv_record(buffer_, end, context_.delimiter);
    if (next == std::string::npos) {
      if (!ended_) return;
      const size_t line = buffer_.find('\n', end);
      next = line == std::string::npos ? buffer_.size() : line + 1;
    }
    records.emplace_back(static_cast<uint32_t>(end - begin_), static_cast<uint32_t>(next - begin_));
    end = next;
  }
}

// Elements of the outer array, or objects one after the other. What stands beside a wrapped array is a
// record, and so a reject.
void Cutter::cut_json(Records& records, size_t& end) {
  end = begin_;
  size_t i = begin_;
  while (i < buffer_.size()) {
    const char c = buffer_[i];
    if (static_cast<unsigned char>(c) <= ' ' || c == ',') {
      end = ++i;
      continue;
    }
    if (after_array_ && c == '}') {
      after_array_ = false;
      end = ++i;
      continue;
    }
    if (wrapped_ && !in_array_ && !after_array_ && c == '{') {
      const size_t array = wrapped_array(std::string_view(buffer_).substr(i));
      if (array != std::string::npos) {
        i += array;
        end = i;
      } else if (buffer_.size() - i < kWrapperBytes && !ended_) {
        return;
      }
    }
    if (!in_array_ && !after_array_ && buffer_[i] == '[') {
      in_array_ = true;
      end = ++i;
      continue;
    }
    if (in_array_ && c == ']') {
      in_array_ = false;
      after_array_ = wrapped_;
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
      if (d == '"') {
        in_string = true;
      } else if (d == '{' || d == '[') {
        ++depth;
      } else if (d == '}' || d == ']') {
        if (depth == 0 && i > start) {  // a scalar before the end of the array
          closed = true;
          break;
        }
        if (--depth <= 0) {
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
    Records records;
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
    if (buffer_.size() - begin_ >= kMaxRecordBytes) return emit_too_long();
    fill();  // a record longer than the buffer: read on
  }
}

}  // namespace huntbook::evidence
