// The decoders of the event log: rows of `meta` and `streams`, events with their
// headers, the HEAD file. Damaged bytes are refused, and what decodes survives
// being written again. The first byte of an input says which decoder.
#include <rocksdb/env.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/rocksdb/log/log_format.h"
#include "adapters/rocksdb/log/rocks_log.h"
#include "adapters/rocksdb/wal/watermark_file.h"
#include "core/base/check.h"

namespace dailyfeed {
namespace {

// `parse` reads the value; what it gave is written and read again, and must come
// out as the same bytes.
template <typename Parse, typename Encode>
void RoundTrip(std::string_view value, Parse parse, Encode encode) {
  const auto parsed = parse(value);
  if (!parsed) return;
  const std::string once(encode(*parsed));
  const auto again = parse(once);
  DAILYFEED_CHECK(again.has_value());
  DAILYFEED_CHECK(std::string(encode(*again)) == once);
}

absl::StatusOr<Watermark> ReadHead(std::string_view bytes) {
  static rocksdb::Env* const env = rocksdb::NewMemEnv(rocksdb::Env::Default());
  DAILYFEED_CHECK(
      rocksdb::WriteStringToFile(env, rocksdb::Slice(bytes.data(), bytes.size()), "/HEAD").ok());
  const auto head = WatermarkFile::Read(env, "/HEAD");
  if (!head.ok()) {
    DAILYFEED_CHECK(absl::IsDataLoss(head.status()) || absl::IsFailedPrecondition(head.status()));
    DAILYFEED_CHECK(head.status().message().find("/HEAD") != std::string::npos);
  }
  return head;
}

// Two slots with any content and the right checksum, the second perhaps cut off.
void SealedHead(std::string_view input) {
  constexpr size_t kSealed = WatermarkFile::kSlotBytes - 4;
  if (input.size() < 2 * kSealed) return;
  std::string file = WatermarkFile::WithChecksum(std::string(input.substr(0, kSealed)));
  file.resize(WatermarkFile::kSlotDistance, '\0');
  file += WatermarkFile::WithChecksum(std::string(input.substr(kSealed, kSealed)));
  ReadHead(file).status().IgnoreError();
  ReadHead(std::string_view(file).substr(0, file.size() - 1)).status().IgnoreError();
}

// Two slots as they are written: the newer one counts, also when one of them is
// damaged and is the older one.
void WrittenHead(std::string_view input) {
  if (input.size() < 33) return;
  const Watermark one{LoadLittle<uint64_t>(input.data()), LoadLittle<uint64_t>(input.data() + 8)};
  const Watermark two{LoadLittle<uint64_t>(input.data() + 16),
                      LoadLittle<uint64_t>(input.data() + 24)};
  std::string file = WatermarkFile::Encode(one);
  file.resize(WatermarkFile::kSlotDistance, '\0');
  file += WatermarkFile::Encode(two);
  DAILYFEED_CHECK(ReadHead(file).value() == std::max(one, two));
  file[static_cast<uint8_t>(input[32]) % WatermarkFile::kSlotBytes] ^= 1;
  DAILYFEED_CHECK(ReadHead(file).value() == two);
}

void CheckDecoded(const absl::Status& status, Position position, const v1::Event& event) {
  if (status.ok()) {
    DAILYFEED_CHECK(event.position() == position);
  } else {
    DAILYFEED_CHECK(absl::IsDataLoss(status));
  }
}

// Any value of a row of `events`.
void EventRow(std::string_view input) {
  if (input.size() < sizeof(Position)) return;
  const Position position = LoadLittle<uint64_t>(input.data());
  v1::Event event;
  CheckDecoded(RocksEventLogImpl::DecodeEvent(position, input.substr(sizeof(Position)), &event),
               position, event);
}

// One with a header that belongs to its bytes, which may be no event.
void SealedEventRow(std::string_view input) {
  if (input.size() < 2 * sizeof(Position)) return;
  const Position position = LoadLittle<uint64_t>(input.data());
  const Position previous = LoadLittle<uint64_t>(input.data() + sizeof(Position));
  const std::string_view bytes = input.substr(2 * sizeof(Position));
  std::string value(EventHeader(EventKey(position).view(), previous, bytes).view());
  value += bytes;
  v1::Event event;
  Position link = 0;
  const absl::Status status = RocksEventLogImpl::DecodeEvent(position, value, &event, &link);
  CheckDecoded(status, position, event);
  DAILYFEED_CHECK(!status.ok() || link == previous);
  value[bytes.size() % value.size()] ^= 1;
  DAILYFEED_CHECK(absl::IsDataLoss(RocksEventLogImpl::DecodeEvent(position, value, &event)));
}

void Run(uint8_t which, std::string_view input) {
  switch (which % 8) {
    case 0:
      return RoundTrip(input, ParseStreamEnd, [](const StreamEnd& end) {
        return std::string(StreamEndValue(end).view());
      });
    case 1:
      return RoundTrip(input, ParseNumber,
                       [](uint64_t number) { return std::string(NumberValue(number).view()); });
    case 2:
      return RoundTrip(input, ParseLogHead, EncodeLogHead);
    case 3:
      return ReadHead(input).status().IgnoreError();
    case 4:
      return SealedHead(input);
    case 5:
      return WrittenHead(input);
    case 6:
      return EventRow(input);
    default:
      return SealedEventRow(input);
  }
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  dailyfeed::Run(data[0], {reinterpret_cast<const char*>(data + 1), size - 1});
  return 0;
}
