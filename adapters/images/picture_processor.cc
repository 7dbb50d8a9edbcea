#include "adapters/images/picture_processor.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/images/formats/bmp.h"
#include "adapters/images/formats/gif.h"
#include "adapters/images/formats/jpeg.h"
#include "adapters/images/formats/picture_header.h"
#include "adapters/images/formats/png_chunks.h"
#include "adapters/images/formats/webp_chunks.h"
#include "adapters/images/picture_decoders.h"
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

absl::Status CheckHeader(const PictureHeader& header, const PictureProcessorOptions& options) {
  if (header.pixels() == 0) {
    return MakeError(ErrorCode::kThumbnailProcessFail, "a side has no pixel");
  }
  if (header.pixels() > options.pixels_max ||
      std::max(header.width, header.height) > options.side_pixels_max) {
    return MakeError(ErrorCode::kThumbnailProcessFail,
                     fmt::format("{} x {} pixels", header.width, header.height));
  }
  if (header.passes > kScansMax ||
      header.pixels() * header.passes > options.pixels_max * kPassesMax) {
    return MakeError(ErrorCode::kThumbnailProcessFail, fmt::format("{} scans", header.passes));
  }
  return absl::OkStatus();
}

// How much smaller the decoder may make the picture already, cheaply: leaves
// twice the pixels that are wanted, for the good filter behind it.
uint32_t ShrinkOnLoad(const PictureHeader& header, uint32_t box_pixels) {
  const uint32_t factor = std::max(header.width, header.height) / box_pixels;
  for (const uint32_t shrink : {8, 4, 2}) {
    if (factor >= shrink * 2) return shrink;
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
      source = nullptr;
      ASSIGN_OR_RETURN(source, Load());
      vips_.vips_image_remove(source.get(), VIPS_META_ICC_NAME);
      fitted = Shrink(source.get());
    }
    if (fitted == nullptr) return Corrupted();
    return fitted;
  }

  absl::StatusOr<VipsImagePtr> Load() {
    switch (header_.format) {
      case PictureFormat::kJpeg:
        return LoadJpeg();
      case PictureFormat::kBmp: {
        if (!pixels_) pixels_ = DecodeBmp(file_);
        if (!pixels_) return MakeError(ErrorCode::kCorruptedImage, "BMP: pixels are missing");
        return FromPixels();
      }
      case PictureFormat::kGif:
        return LoadGif();
      case PictureFormat::kPng: {
        ASSIGN_OR_RETURN(DecodablePng png, DecodableChunksOf(file_));
        sieved_ = std::move(png.file);
        return Loaded(vips_.vips_pngload_buffer, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                      VIPS_FAIL_ON_ERROR);
      }
      case PictureFormat::kWebp: {
        ASSIGN_OR_RETURN(sieved_, FirstFrameOf(file_));
        return Loaded(vips_.vips_webpload_buffer, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                      VIPS_FAIL_ON_ERROR, "scale",
                      1.0 / ShrinkOnLoad(header_, options_.box_pixels));
      }
    }
    return MakeError(ErrorCode::kInvalidImageSignature);
  }

  // What `load` makes of sieved_.
  template <typename Loader, typename... Options>
  absl::StatusOr<VipsImagePtr> Loaded(Loader load, Options... options) {
    VipsImage* image = nullptr;
    if (load(sieved_.data(), sieved_.size(), &image, options..., nullptr) != 0 ||
        image == nullptr) {
      return Corrupted();
    }
    const VipsImagePtr opened = Own(image);
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

  absl::StatusOr<VipsImagePtr> LoadJpeg() {
    ASSIGN_OR_RETURN(const JpegHeader header, ReadJpegHeader(file_));
    if (!pixels_) {
      ASSIGN_OR_RETURN(pixels_, DecodeJpeg(file_, ShrinkOnLoad(header_, options_.box_pixels)));
    }
    ASSIGN_OR_RETURN(VipsImagePtr image, FromPixels());
    vips_.vips_image_set_int(image.get(), VIPS_META_ORIENTATION, header.orientation);
    if (!header.profile.empty()) {
      vips_.vips_image_set_blob_copy(image.get(), VIPS_META_ICC_NAME, header.profile.data(),
                                     header.profile.size());
    }
    return image;
  }

  // The first frame on its canvas, which shows through where the frame is not.
  absl::StatusOr<VipsImagePtr> LoadGif() {
    ASSIGN_OR_RETURN(GifFrame frame, FirstFrameOfGif(file_));
    sieved_ = std::move(frame.file);
    ASSIGN_OR_RETURN(VipsImagePtr image,
                     Loaded(vips_.vips_gifload_buffer, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                            VIPS_FAIL_ON_ERROR));
    if (frame.covers_canvas()) return image;
    if (vips_.vips_image_hasalpha(image.get()) == FALSE) {
      VipsImage* with_alpha = nullptr;
      if (vips_.vips_addalpha(image.get(), &with_alpha, nullptr) != 0) return Corrupted();
      image = Own(with_alpha);
    }
    VipsImage* canvas = nullptr;
    if (vips_.vips_embed(image.get(), &canvas, static_cast<int>(frame.left),
                         static_cast<int>(frame.top), static_cast<int>(frame.canvas_width),
                         static_cast<int>(frame.canvas_height), "extend", VIPS_EXTEND_BLACK,
                         nullptr) != 0) {
      return Corrupted();
    }
    return Own(canvas);
  }

  // An image over pixels_.
  absl::StatusOr<VipsImagePtr> FromPixels() {
    VipsImage* const plain = vips_.vips_image_new_from_memory(
        pixels_->bytes.data(), pixels_->bytes.size(), static_cast<int>(pixels_->width),
        static_cast<int>(pixels_->height), static_cast<int>(pixels_->channels), VIPS_FORMAT_UCHAR);
    if (plain == nullptr) return Failure("the pixels");
    const VipsImagePtr owned = Own(plain);
    const VipsInterpretation meaning = pixels_->is_cmyk         ? VIPS_INTERPRETATION_CMYK
                                       : pixels_->channels == 1 ? VIPS_INTERPRETATION_B_W
                                                                : VIPS_INTERPRETATION_sRGB;
    VipsImage* image = nullptr;
    if (vips_.vips_copy(plain, &image, "interpretation", meaning, nullptr) != 0) {
      return Failure("the pixels");
    }
    return Own(image);
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
    StoredPng saved = {.png = {},
                       .width = static_cast<uint32_t>(image->Xsize),
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
  // Both live as long as the images made of them.
  std::optional<Pixels> pixels_;  // of formats that libvips does not decode
  std::string sieved_;            // what libvips sees of a file
};

}  // namespace

PictureProcessor::PictureProcessor(const PictureProcessorOptions& options)
    : options_(options),
      decoders_(options.decoder_program.empty() ? nullptr
                                                : std::make_unique<PictureDecoders>(options)) {
  // Where libvips looks for its modules: nowhere. They are the loaders of PDF,
  // HEIF and ImageMagick, which no upload may reach.
  if (decoders_ == nullptr) ::setenv("VIPSHOME", "/nonexistent", /*overwrite=*/1);
}

PictureProcessor::~PictureProcessor() = default;

absl::StatusOr<ProcessedPicture> PictureProcessor::Process(std::string_view file) const {
  if (file.empty()) return MakeError(ErrorCode::kEmptyImageFile);
  if (file.size() < kFileBytesMin) return MakeError(ErrorCode::kFileTooSmall);
  if (file.size() > options_.file_bytes_max) return MakeError(ErrorCode::kPayloadTooLarge);
  if (!FormatBySignature(file)) return MakeError(ErrorCode::kInvalidImageSignature);
  return decoders_ != nullptr ? decoders_->Process(file) : ProcessHere(file);
}

absl::StatusOr<ProcessedPicture> PictureProcessor::ProcessHere(std::string_view file) const {
  ASSIGN_OR_RETURN(const PictureHeader header, ReadPictureHeader(file));
  RETURN_IF_ERROR(CheckHeader(header, options_));
  const absl::StatusOr<const VipsLibrary*> vips = VipsLibrary::Load(options_.threads);
  if (!vips.ok()) {
    return MakeError(ErrorCode::kImageProcessingFail, std::string(vips.status().message()));
  }
  return Work(*vips, options_, header, file).Run();
}

absl::Status PictureProcessor::WarmUp() const {
  return decoders_ != nullptr ? decoders_->WarmUp() : VipsLibrary::Load(options_.threads).status();
}

void PictureProcessor::Stop() const {
  if (decoders_ != nullptr) decoders_->Stop();
}

}  // namespace dailyfeed
