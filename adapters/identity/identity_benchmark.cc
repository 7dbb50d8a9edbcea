// Checking an access token beside bare HMAC-SHA256 of the same bytes:
//   bazel run -c opt --config=opt //adapters/identity:identity_benchmark
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "adapters/crypto/hmac_sha256.h"
#include "adapters/identity/identity.h"
#include "core/ports/memory_store.h"

namespace dailyfeed {
namespace {

struct Fixture {
  Fixture() {
    identity = Identity::Open(&store, {}).value();
    token = identity->OpenSession(123'456, "agent", "127.0.0.1").value().access_token;
  }
  MemoryStore store;
  std::unique_ptr<Identity> identity;
  std::string token;
};

Fixture& Shared() {
  static Fixture* const fixture = new Fixture;
  return *fixture;
}

void BM_CheckAccessToken(benchmark::State& state) {
  const Fixture& fixture = Shared();
  for (auto _ : state) {
    const TokenCheck check = fixture.identity->CheckAccessToken(fixture.token);
    if (check.state != TokenState::kValid) state.SkipWithError("not valid");
    benchmark::DoNotOptimize(check.member);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_CheckAccessToken)->ThreadRange(1, 2)->UseRealTime();

void BM_BareHmac(benchmark::State& state) {
  const std::string& token = Shared().token;
  const std::string signed_part = token.substr(0, token.rfind('.'));
  const std::string key(32, 'k');
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  for (auto _ : state) {
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac,
         &size);
    benchmark::DoNotOptimize(mac);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_BareHmac)->ThreadRange(1, 2)->UseRealTime();

// The least that any check has to do.
void BM_PreparedHmac(benchmark::State& state) {
  const std::string& token = Shared().token;
  const std::string signed_part = token.substr(0, token.rfind('.'));
  const HmacSha256 mac(std::string(32, 'k'));
  for (auto _ : state) benchmark::DoNotOptimize(mac.Sign(signed_part));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_PreparedHmac)->ThreadRange(1, 2)->UseRealTime();

}  // namespace
}  // namespace dailyfeed
