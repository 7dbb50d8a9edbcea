// Megabytes a second of N and L, and of ICU doing the same:
//   bazel run --config=opt //projections/search/text:fold_benchmark
#include <benchmark/benchmark.h>

#include <iterator>
#include <string>
#include <string_view>

#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

struct Sample {
  const char* name;
  std::string text;
};

// Posts of about the length that people write.
const Sample& SampleAt(int64_t i) {
  static const std::string_view kKorean =
      "오늘 점심은 회사 앞 골목에 새로 생긴 집에서 김치찌개와 계란말이를 먹었다. 생각보다 훨씬 "
      "맛있어서 "
      "내일 또 갈 것 같다 ㅋㅋㅋ #점심 #회사앞맛집";
  static const Sample* const samples = new Sample[]{
      {"korean", std::string(kKorean)},
      {"english",
       "Finally tried the new Ramen place near Station 5, and the broth was WORTH the wait. "
       "Going back on Friday with the whole team!"},
      {"mixed",
       "iPhone 15 Pro로 찍은 Seoul 야경 사진들, Lightroom 프리셋도 같이 올려둘게요 😀 "
       "https://example.com/photos/2026"},
      {"korean, decomposed", Nfd(kKorean)},
      {"latin, composed", "Crème brûlée à la façon de ma grand-mère, très réussie cette fois-ci"},
      {"latin, decomposed", Nfd("Tiếng Việt có nhiều dấu thanh và chữ ghép, crème brûlée façon")},
      {"japanese", "今日のお昼はラーメンとギョーザでした。また行きたいです！"},
      {"cyrillic", "Сегодня на обед был борщ со сметаной, Очень Вкусно и сытно"},
      {"hindi", "आज दोपहर के खाने में दाल और चावल था, बहुत अच्छा लगा"},
      {"thai", "วันนี้กินข้าวเที่ยงอร่อยมาก พรุ่งนี้จะไปอีกครั้ง"},
      {"emoji",
       "👍🏽 축하해요 🎉🎉 ❤️❤️ 👨‍👩‍👧‍👦 최고 😀😃😄"},
  };
  return samples[i];
}

template <typename Function>
void Run(benchmark::State& state, Function function) {
  const Sample& sample = SampleAt(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(function(sample.text));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(sample.text.size()));
  state.SetLabel(sample.name);
}

void BM_Fold(benchmark::State& state) { Run(state, Fold); }
void BM_FoldByIcu(benchmark::State& state) { Run(state, FoldByIcu); }
void BM_FoldAndLoosen(benchmark::State& state) {
  Run(state, [](std::string_view text) { return Loosen(Fold(text)); });
}
BENCHMARK(BM_Fold)->DenseRange(0, 10);
BENCHMARK(BM_FoldByIcu)->DenseRange(0, 10);
BENCHMARK(BM_FoldAndLoosen)->DenseRange(0, 10);

}  // namespace
}  // namespace dailyfeed::search
