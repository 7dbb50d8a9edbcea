#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <fmt/format.h>
#include "absl/time/clock.h"
#include "core/engine/engine.h"
#include "adapters/rocksdb/rocks_event_log.h"
using namespace dailyfeed;
struct Now : CommitListener { void OnCommitted(CommittedBatch b) override { b.done(absl::OkStatus()); } };
struct Threaded : CommitListener {
  std::mutex m; std::condition_variable c; std::vector<CommittedBatch> q; bool stop=false; std::thread t{[this]{ for(;;){ std::unique_lock<std::mutex> l(m); c.wait(l,[&]{return stop||!q.empty();}); if(q.empty()) return; auto v=std::move(q); q.clear(); l.unlock(); c.notify_all(); for(auto&b:v) b.done(absl::OkStatus()); } }};
  void OnCommitted(CommittedBatch b) override { std::unique_lock<std::mutex> l(m); c.wait(l,[&]{return q.size()<4;}); q.push_back(std::move(b)); c.notify_all(); }
  ~Threaded(){ {std::lock_guard<std::mutex> l(m); stop=true;} c.notify_all(); t.join(); }
};
int main(int argc,char**argv){
  system("rm -rf /work/adhoc; mkdir /work/adhoc");
  auto log=OpenRocksEventLog("/work/adhoc/log",{}); if(!log.ok()){fmt::print("{}\n",log.status().ToString());return 1;}
  Now nl; Threaded tl; CommitListener* l = argc>1 ? (CommitListener*)&tl : &nl;
  auto e=Engine::Start(log->get(), l, DayZone::Load("Asia/Seoul").value(), {}).value();
  const int M=2048,P=4000; std::vector<uint64_t> mem(M),post(P);
  std::atomic<int> n{0}; 
  for(int i=0;i<M;i++){ SignUp s; s.handle=fmt::format("m_{}",i); s.email_digest=fmt::format("d{}",i); s.subject_id=std::string(16,'s'); s.sealed_profile="x"; e->Submit({.command=s},[&,i](auto r){ if(!r.ok()) fmt::print("{}\n",r.status().ToString()); else mem[i]=r->subject_id; n++;}); }
  while(n<M) absl::SleepFor(absl::Milliseconds(1)); n=0;
  for(int i=0;i<P;i++){ e->Submit({.command=PublishPost{.title="",.content="hello world"},.actor=mem[i%M]},[&,i](auto r){ if(!r.ok()) fmt::print("{}\n",r.status().ToString()); else post[i]=r->subject_id; n++;}); }
  while(n<P) absl::SleepFor(absl::Milliseconds(1));
  std::atomic<uint64_t> next{0};
  for(int c: {1,64,1024}){ std::atomic<int> running{c}; std::atomic<uint64_t> done{0}; auto t0=absl::Now(); auto end=t0+absl::Seconds(2); auto s0=e->stats();
    std::function<void()> send=[&]{ uint64_t k=next++; e->Submit({.command=LikePost{.post_id=post[k/M%P]},.actor=mem[k%M]},[&](auto r){ if(!r.ok()) {fmt::print("{}\n",r.status().ToString());exit(1);} done++; if(absl::Now()<end) send(); else running--; }); };
    for(int i=0;i<c;i++) send(); while(running) absl::SleepFor(absl::Milliseconds(1)); auto s1=e->stats();
    fmt::print("{} submitters {:.0f}/s avg batch {:.1f}\n",c,done/absl::ToDoubleSeconds(absl::Now()-t0), double(s1.events_appended-s0.events_appended)/(s1.batches-s0.batches)); }
}
