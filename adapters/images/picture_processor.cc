#include "adapters/images/picture_processor.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/images/formats/bmp.h"
#include "adapters/images/formats/picture_header.h"
#include "adapters/images/formats/png_chunks.h"
#include "adapters/images/formats/webp_chunks.h"
#include "adapters/images/vips_library.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr size_t kFileBytesMin = 3;
// A decoder may go over the most pixels allowed this often, or more often over
// fewer. Cameras and browsers write progressive JPEGs of about ten scans.
constexpr uint64_t kPassesMax = 20;
// And this often at most, however few they are: each scan of a JPEG is a walk
// over all its blocks. libvips counts none.
constexpr uint32_t kScansMax = 50;
constexpr char kSrgb[] = "srgb";
constexpr int kPngCompression = 6;

absl::Status CheckHeader(const PictureHeader& header, uint64_t pixels_max) {
  if (header.pixels() == 0) {
    return MakeError(ErrorCode::kThumbnailProcessFail, "a side has no pixel");
  }
  if (header.pixels() > pixels_max) {
    return MakeError(ErrorCode::kThumbnailProcessFail,
                     fmt::format("{} x {} pixels", header.width, header.height));
  }
  if (header.passes > kScansMax || header.pixels() * header.passes > pixels_max * kPassesMax) {
    return MakeError(ErrorCode::kThumbnailProcessFail, fmt::format("{} scans", header.passes));
  }
  return absl::OkStatus();
}

// What of the file the decoder may see; `sieved` holds it where that is not all.
absl::StatusOr<std::string_view> Sieve(PictureFormat format, std::string_view file,
                                       std::string* sieved) {
  if (format == PictureFormat::kPng) {
    ASSIGN_OR_RETURN(DecodablePng png, DecodableChunksOf(file));
    *sieved = std::move(png.file);
  } else if (format == PictureFormat::kWebp) {
    ASSIGN_OR_RETURN(*sieved, FirstFrameOf(file));
  } else {
    return file;
  }
  return *sieved;
}

// How much smaller the decoder may make the picture already, cheaply: leaves
// twice the pixels that are wanted, for the good filter behind it.
int ShrinkOnLoad(const PictureHeader& header, uint32_t box_pixels) {
  const uint32_t factor = std::max(header.width, header.height) / box_pixels;
  for (const int shrink : {8, 4, 2}) {
    if (factor >= static_cast<uint32_t>(shrink) * 2) return shrink;
  }
  return 1;
}

// One file on its way through libvips.
class Work {
 public:
  Work(const VipsLibrary* vips, const PictureProcessorOptions& options, const PictureHeader& header,
       std::string_view file)
      : vips_(*vips), options_(options), header_(header), file_(file) {}

  absl::StatusOr<ProcessedPicture> Run() {
    ASSIGN_OR_RETURN(VipsImagePtr picture, Fit());
    VipsImage* cover = nullptr;
    const int side = static_cast<int>(options_.thumbnail_pixels);
    if (vips_.vips_thumbnail_image(picture.get(), &cover, side, "height", side, "size",
                                   VIPS_SIZE_BOTH, "crop", VIPS_INTERESTING_CENTRE, "no_rotate",
                                   TRUE, nullptr) != 0) {
      return Failure("the thumbnail");
    }
    VipsImagePtr thumbnail = Own(cover);
    ProcessedPicture result;
    ASSIGN_OR_RETURN(result.picture, Save(picture.get()));
    ASSIGN_OR_RETURN(result.thumbnail, Save(thumbnail.get()));
    return result;
  }

 private:
  VipsImagePtr Own(VipsImage* image) const { return VipsImagePtr(image, VipsUnref{&vips_}); }

  absl::Status Corrupted() const {
    return MakeError(ErrorCode::kCorruptedImage, vips_.TakeError());
  }
  absl::Status Failure(std::string_view what) const {
    return MakeError(ErrorCode::kImageProcessingFail,
                     fmt::format("{}: {}", what, vips_.TakeError()));
  }

  // The picture in its box, decoded.
  absl::StatusOr<VipsImagePtr> Fit() {
    ASSIGN_OR_RETURN(VipsImagePtr source, Load());
    const bool has_profile = vips_.vips_image_get_typeof(source.get(), VIPS_META_ICC_NAME) != 0;
    VipsImagePtr fitted = Shrink(source.get());
    if (fitted == nullptr && has_profile) {
      // The colour profile may be what is damaged: without it the colours are a
      // little off, and that is what everybody else shows.
      ASSIGN_OR_RETURN(source, Load());
      vips_.vips_image_remove(source.get(), VIPS_META_ICC_NAME);
      fitted = Shrink(source.get());
    }
    if (fitted == nullptr) return Corrupted();
    return fitted;
  }

  absl::StatusOr<VipsImagePtr> Load() {
    VipsImage* image = nullptr;
    if (!Open(&image) || image == nullptr) return Corrupted();
    VipsImagePtr opened = Own(image);
    // The loader's own word, should it read the header otherwise than we did.
    const uint64_t pixels =
        static_cast<uint64_t>(image->Xsize) * static_cast<uint64_t>(image->Ysize);
    if (pixels > options_.pixels_max) {
      return MakeError(ErrorCode::kThumbnailProcessFail,
                       fmt::format("{} x {} pixels", image->Xsize, image->Ysize));
    }
    // A copy, so that its metadata are ours to change.
    VipsImage* copy = nullptr;
    if (vips_.vips_copy(image, &copy, nullptr) != 0) return Corrupted();
    return Own(copy);
  }

  bool Open(VipsImage** image) {
    // libvips does not write into the buffer.
    void* const bytes = const_cast<char*>(file_.data());
    const int shrink = ShrinkOnLoad(header_, options_.box_pixels);
    switch (header_.format) {
      case PictureFormat::kJpeg:
        return vips_.vips_jpegload_buffer(bytes, file_.size(), image, "access",
                                          VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
                                          "shrink", shrink, nullptr) == 0;
      case PictureFormat::kPng:
        return vips_.vips_pngload_buffer(bytes, file_.size(), image, "access",
                                         VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
                                         nullptr) == 0;
      case PictureFormat::kGif:
        return vips_.vips_gifload_buffer(bytes, file_.size(), image, "access",
                                         VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
                                         nullptr) == 0;
      case PictureFormat::kWebp:
        return vips_.vips_webpload_buffer(bytes, file_.size(), image, "access",
                                          VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
                                          "scale", 1.0 / shrink, nullptr) == 0;
      case PictureFormat::kBmp:
        return OpenBmp(image);
    }
    return false;
  }

  bool OpenBmp(VipsImage** image) {
    if (!bitmap_) bitmap_ = DecodeBmp(file_);
    if (!bitmap_) return false;
    VipsImage* const plain = vips_.vips_image_new_from_memory(
        bitmap_->bytes.data(), bitmap_->bytes.size(), static_cast<int>(bitmap_->width),
        static_cast<int>(bitmap_->height), static_cast<int>(bitmap_->channels), VIPS_FORMAT_UCHAR);
    if (plain == nullptr) return false;
    const VipsImagePtr owned = Own(plain);
    return vips_.vips_copy(plain, image, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr) == 0;
  }

  // Null when the pixels cannot be had.
  VipsImagePtr Shrink(VipsImage* source) {
    VipsImage* small = nullptr;
    const int side = static_cast<int>(options_.box_pixels);
    // libvips is told of sRGB only where there are colours to convert: without a
    // profile in the file it goes through one of its own, and red is not red any more.
    const bool has_profile = vips_.vips_image_get_typeof(source, VIPS_META_ICC_NAME) != 0;
    const char* const export_name = has_profile ? "export_profile" : nullptr;
    if (vips_.vips_thumbnail_image(source, &small, side, "height", side, "size", VIPS_SIZE_DOWN,
                                   export_name, kSrgb, nullptr) != 0) {
      return Own(nullptr);
    }
    VipsImagePtr result = Own(small);
    const bool plain =
        result->BandFmt == VIPS_FORMAT_UCHAR &&
        (result->Type == VIPS_INTERPRETATION_sRGB || result->Type == VIPS_INTERPRETATION_B_W);
    if (!plain) {
      VipsImage* converted = nullptr;
      if (vips_.vips_colourspace(result.get(), &converted, VIPS_INTERPRETATION_sRGB, nullptr) !=
          0) {
        return Own(nullptr);
      }
      result = Own(converted);
    }
    // Here the file is decoded.
    return Own(vips_.vips_image_copy_memory(result.get()));
  }

  absl::StatusOr<StoredPng> Save(VipsImage* image) {
    void* bytes = nullptr;
    size_t size = 0;
    if (vips_.vips_pngsave_buffer(image, &bytes, &size, "compression", kPngCompression, "strip",
                                  TRUE, nullptr) != 0) {
      return Failure("writing PNG");
    }
    StoredPng saved = {.width = static_cast<uint32_t>(image->Xsize),
                       .height = static_cast<uint32_t>(image->Ysize)};
    std::optional<std::string> png =
        PixelChunksOf(std::string_view(static_cast<const char*>(bytes), size));
    vips_.g_free(bytes);
    if (!png) return MakeError(ErrorCode::kImageProcessingFail, "libvips wrote no PNG");
    saved.png = *std::move(png);
    return saved;
  }

  const VipsLibrary& vips_;
  const PictureProcessorOptions& options_;
  const PictureHeader& header_;
  const std::string_view file_;
  std::optional<BmpPixels> bitmap_;  // lives as long as the images made of it
};

}  // namespace

absl::StatusOr<ProcessedPicture> PictureProcessor::Process(std::string_view file) const {
  if (file.empty()) return MakeError(ErrorCode::kEmptyImageFile);
  if (file.size() < kFileBytesMin) return MakeError(ErrorCode::kFileTooSmall);
  if (file.size() > options_.file_bytes_max) return MakeError(ErrorCode::kPayloadTooLarge);
  ASSIGN_OR_RETURN(const PictureHeader header, ReadPictureHeader(file));
  RETURN_IF_ERROR(CheckHeader(header, options_.pixels_max));
  std::string sieved;
  ASSIGN_OR_RETURN(const std::string_view decodable, Sieve(header.format, file, &sieved));
  const absl::StatusOr<const VipsLibrary*> vips = VipsLibrary::Load(options_.threads);
  if (!vips.ok()) {
    return MakeError(ErrorCode::kImageProcessingFail, std::string(vips.status().message()));
  }
  return Work(*vips, options_, header, decodable).Run();
}

absl::Status PictureProcessor::WarmUp() const {
  return VipsLibrary::Load(options_.threads).status();
}

}  // namespace dailyfeed
