#include "adapters/images/formats/jpeg.h"

// jpeglib.h uses FILE and size_t without including what defines them.
#include <cstddef>
#include <cstdio>
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <array>
#include <bitset>
#include <csetjmp>
#include <map>
#include <utility>

#include "adapters/images/formats/byte_reader.h"
#include "adapters/images/formats/exif.h"
#include "adapters/images/formats/png_chunks.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr uint8_t kEnd = 0xd9;
constexpr uint8_t kScan = 0xda;
constexpr uint8_t kExif = 0xe1;
constexpr uint8_t kProfile = 0xe2;

absl::Status Corrupted(std::string_view what) {
  return MakeError(ErrorCode::kCorruptedImage, what);
}

bool IsRestart(int marker) { return marker >= 0xd0 && marker <= 0xd7; }
bool IsStandalone(uint8_t marker) { return marker == 0x01 || IsRestart(marker) || marker == 0xd8; }
bool IsFrame(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// The bytes from the next marker on, its 0xff included: entropy-coded data has
// 0xff only before 0 and restart markers.
std::string_view SkipScan(std::string_view bytes) {
  for (;;) {
    const size_t at = bytes.find('\xff');
    if (at == std::string_view::npos || at + 1 == bytes.size()) return {};
    const auto next = static_cast<uint8_t>(bytes[at + 1]);
    bytes.remove_prefix(at);
    if (next != 0 && !IsRestart(next) && next != 0xff) return bytes;
    bytes.remove_prefix(next == 0xff ? 1 : 2);
  }
}

// The profile is cut into segments, each with its number from 1 and their count.
class ProfileSegments {
 public:
  void Add(std::string_view segment) {
    constexpr std::string_view kName("ICC_PROFILE\0", 12);
    if (!segment.starts_with(kName)) return;
    ByteReader reader(segment.substr(kName.size()));
    const uint32_t number = reader.BigEndian(1);
    const uint32_t count = reader.BigEndian(1);
    if (reader.ok() && parts_.emplace(number, reader.rest()).second) count_ = count;
  }
  std::string Join() const {
    std::string profile;
    uint32_t expected = 1;
    for (const auto& [number, part] : parts_) {
      if (number != expected++ || profile.size() + part.size() > kColourProfileBytesMax) return {};
      profile.append(part);
    }
    return parts_.size() == count_ ? profile : std::string();
  }

 private:
  std::map<uint32_t, std::string_view> parts_;  // at most 256
  size_t count_ = 0;
};

// Notes what a segment says.
class HeaderReader {
 public:
  absl::Status Add(uint8_t marker, std::string_view data) {
    if (IsFrame(marker) && !sized_) return AddFrame(data);
    if (marker == kScan) return AddScan(data);
    if (marker == kExif && !has_exif_ && data.starts_with("Exif")) {
      has_exif_ = true;
      header_.orientation = OrientationOf(data);
    }
    if (marker == kProfile) profile_.Add(data);
    return absl::OkStatus();
  }

  absl::StatusOr<JpegHeader> Finish() {
    if (!sized_) return Corrupted("JPEG: no frame header");
    if (header_.scans == 0) return Corrupted("JPEG: no scan");
    // What a decoder would fill with grey.
    if (seen_.count() < components_) return Corrupted("JPEG: a component without a scan");
    header_.profile = profile_.Join();
    return std::move(header_);
  }

 private:
  absl::Status AddFrame(std::string_view data) {
    ByteReader segment(data);
    segment.Skip(1);  // bits a sample
    header_.height = segment.BigEndian(2);
    header_.width = segment.BigEndian(2);
    components_ = segment.BigEndian(1);
    if (!segment.ok()) return Corrupted("JPEG: a frame header without a size");
    sized_ = true;
    return absl::OkStatus();
  }
  absl::Status AddScan(std::string_view data) {
    if (!sized_) return Corrupted("JPEG: a scan before the frame header");
    ++header_.scans;
    ByteReader segment(data);
    for (uint32_t count = segment.BigEndian(1); count > 0 && segment.ok(); --count) {
      seen_.set(segment.BigEndian(1));
      segment.Skip(1);  // its tables
    }
    return absl::OkStatus();
  }

  JpegHeader header_;
  bool sized_ = false;
  bool has_exif_ = false;
  uint32_t components_ = 0;
  std::bitset<256> seen_;  // components, by their id
  ProfileSegments profile_;
};

// How libjpeg reports: errors end the decoding, and so do missing pixels, which
// it only warns of.
struct ErrorManager {
  jpeg_error_mgr base;  // first: libjpeg knows this part
  std::jmp_buf jump;
  bool input_ended = false;  // without an end marker
  std::array<char, JMSG_LENGTH_MAX> message;
};

[[noreturn]] void OnError(j_common_ptr info) {
  auto* const errors = reinterpret_cast<ErrorManager*>(info->err);
  info->err->format_message(info, errors->message.data());
  std::longjmp(errors->jump, 1);
}

void OnMessage(j_common_ptr info, int level) {
  if (level >= 0) return;  // no warning
  auto* const errors = reinterpret_cast<ErrorManager*>(info->err);
  if (info->err->msg_code == JWRN_JPEG_EOF) errors->input_ended = true;
  // The data of a scan end before its last pixel. At a restart marker decoding
  // goes on behind it: such a file is damaged, but not cut off.
  const auto* const decoder = reinterpret_cast<j_decompress_ptr>(info);
  const bool cut = info->err->msg_code == JWRN_HIT_MARKER && !IsRestart(decoder->unread_marker);
  if (cut) OnError(info);
}

// Whether each bit of each coefficient came, in a file of several scans. An end
// marker that libjpeg had to add may stand for scans that are missing.
bool IsComplete(const jpeg_decompress_struct& decoder) {
  if (decoder.coef_bits == nullptr || decoder.progressive_mode == FALSE) return true;
  for (int component = 0; component < decoder.num_components; ++component) {
    for (int i = 0; i < DCTSIZE2; ++i) {
      if (decoder.coef_bits[component][i] != 0) return false;
    }
  }
  return true;
}

// Nothing in it has a destructor: an error jumps out of it.
bool DecodeInto(std::string_view file, uint32_t shrink, jpeg_decompress_struct* decoder,
                ErrorManager* errors, Pixels* pixels) {
  if (setjmp(errors->jump) != 0) return false;
  jpeg_create_decompress(decoder);
  jpeg_mem_src(decoder, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(decoder, TRUE);
  if (decoder->arith_code != FALSE) ERREXIT(decoder, JERR_ARITH_NOTIMPL);
  decoder->scale_num = 1;
  decoder->scale_denom = shrink;
  const int components = decoder->num_components;
  if (components != 1 && components != 3 && components != 4) {
    ERREXIT(decoder, JERR_BAD_J_COLORSPACE);
  }
  pixels->is_cmyk = components == 4;
  if (components == 3) decoder->out_color_space = JCS_RGB;
  if (pixels->is_cmyk) decoder->out_color_space = JCS_CMYK;
  jpeg_start_decompress(decoder);
  pixels->width = decoder->output_width;
  pixels->height = decoder->output_height;
  pixels->channels = static_cast<uint32_t>(decoder->output_components);
  const size_t row_bytes = size_t{pixels->width} * pixels->channels;
  pixels->bytes.resize(row_bytes * pixels->height);
  while (decoder->output_scanline < decoder->output_height) {
    JSAMPROW row = pixels->bytes.data() + row_bytes * decoder->output_scanline;
    jpeg_read_scanlines(decoder, &row, 1);
  }
  return true;
}

}  // namespace

absl::StatusOr<JpegHeader> ReadJpegHeader(std::string_view file) {
  HeaderReader header;
  std::string_view rest = file.substr(std::min<size_t>(file.size(), 2));  // the start marker
  while (!rest.empty()) {
    // Decoders pass over stray bytes before a marker, so this does too.
    rest.remove_prefix(std::min(rest.find('\xff'), rest.size()));
    ByteReader reader(rest);
    uint32_t marker = reader.LittleEndian(1);
    while (reader.ok() && marker == 0xff) marker = reader.LittleEndian(1);
    if (!reader.ok() || marker == kEnd) break;
    // The 0 behind 0xff: no marker, but a byte of data, and as stray as the others.
    if (marker == 0 || IsStandalone(static_cast<uint8_t>(marker))) {
      rest = reader.rest();
      continue;
    }
    const uint32_t length = reader.BigEndian(2);
    if (!reader.ok()) break;
    // Decoders go on behind it, so scans could hide there.
    if (length < 2) return Corrupted("JPEG: a segment shorter than its own length");
    const std::string_view data = reader.Take(length - 2);
    if (!reader.ok()) break;
    RETURN_IF_ERROR(header.Add(static_cast<uint8_t>(marker), data));
    rest = marker == kScan ? SkipScan(reader.rest()) : reader.rest();
  }
  return header.Finish();
}

absl::StatusOr<Pixels> DecodeJpeg(std::string_view file, uint32_t shrink) {
  DAILYFEED_CHECK(shrink == 1 || shrink == 2 || shrink == 4 || shrink == 8);
  ErrorManager errors;
  jpeg_decompress_struct decoder = {};
  decoder.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = OnError;
  errors.base.emit_message = OnMessage;
  Pixels pixels;
  const bool decoded = DecodeInto(file, shrink, &decoder, &errors, &pixels);
  const bool complete = decoded && (!errors.input_ended || IsComplete(decoder));
  jpeg_destroy_decompress(&decoder);
  if (!decoded) return Corrupted(errors.message.data());
  if (!complete) return Corrupted("JPEG: the file ends before its last scan");
  // Of CMYK files with the mark of Adobe the samples are how little ink there is.
  if (pixels.is_cmyk && decoder.saw_Adobe_marker != FALSE) {
    for (uint8_t& sample : pixels.bytes) sample = static_cast<uint8_t>(255 - sample);
  }
  return pixels;
}

}  // namespace dailyfeed
