// Recognising a member's format, and cutting its bytes into chunks between records.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "evidence/member.h"
#include "evidence/rows.h"

namespace huntbook::evidence {

constexpr size_t kChunkBytes = 4 << 20;
constexpr size_t kHeadBytes = 1 << 16;
/// A longer record is a reject: memory stays bounded.
constexpr size_t kMaxRecordBytes = 256 << 20;

struct Recognised {
  FormatContext context;
  std::string note;      ///< why it is not read
  size_t skip = 0;       ///< bytes of the head that are no rows (a header)
  bool wrapped = false;  ///< json: `skip` ends inside an object, before its array
};
/// By content; the name only decides where the content leaves a choice.
Recognised recognise(std::string_view head, std::string_view name, bool whole);

/// Where the array of a wrapper such as {"value":[..]} or {"Records":[..]} begins, when the text starts with
/// one.
size_t wrapped_array(std::string_view text);
constexpr size_t kWrapperBytes = 200;

/// Reads a member through and gives its chunks; also tells size and hash at the end.
class Cutter {
 public:
  /// Without `hash`, sha256() is empty.
  explicit Cutter(Member& member, bool hash = true);
  ~Cutter();
  Cutter(const Cutter&) = delete;
  Cutter& operator=(const Cutter&) = delete;
  /// The first bytes, before any chunk.
  std::string_view head(size_t size = kHeadBytes);
  /// Reads no further than this byte.
  void limit(uint64_t size) { limit_ = size; }
  void start(const Recognised& recognised);
  /// The next chunk, or nothing at the end.
  std::unique_ptr<Chunk> next();
  /// Reads what is left without cutting (size and hash of what is not understood).
  void drain();
  uint64_t size() const { return size_; }
  std::string sha256();

 private:
  bool fill();
  std::unique_ptr<Chunk> emit(size_t end, Records records);
  std::unique_ptr<Chunk> emit_too_long();
  void cut_csv(Records& records, size_t& end);
  void cut_json(Records& records, size_t& end);

  struct Hash;
  Member& member_;
  FormatContext context_;
  std::unique_ptr<Hash> hash_;
  std::string buffer_;   ///< bytes read and not yet given out
  size_t begin_ = 0;     ///< of them, in buffer_
  uint64_t offset_ = 0;  ///< of buffer_[begin_] in the member
  uint64_t size_ = 0;
  bool ended_ = false;
  uint64_t limit_ = UINT64_MAX;
  bool in_array_ = false;     ///< json: inside the outer array
  bool wrapped_ = false;      ///< json: the array is a member of an object
  bool after_array_ = false;  ///< json: behind that array
};

}  // namespace huntbook::evidence
