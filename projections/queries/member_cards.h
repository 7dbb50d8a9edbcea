// Members' cards, from memory when they are there.
//
//   MemberCards members(options.member_bytes_max);
//   members.set_reader(runtime->Reader("members"));
//   RETURN_IF_ERROR(members.Load(ids, cards));   // null: unknown or withdrawn
//
// That there is no card is remembered too, so that the posts of people who
// left cost no more than others. Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_MEMBER_CARDS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_MEMBER_CARDS_H_

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "projections/cache/cache.h"
#include "projections/queries/answers.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

using MemberCardPtr = std::shared_ptr<const MemberCard>;

class MemberCards {
 public:
  explicit MemberCards(size_t bytes_max) : cache_(bytes_max) {}
  void set_reader(std::unique_ptr<ProjectionReader> reader) { reader_ = std::move(reader); }

  // cards[i] for ids[i]; as many cards as ids.
  absl::Status Load(std::span<const MemberId> ids, std::span<MemberCardPtr> cards);
  absl::StatusOr<MemberCardPtr> LoadOne(MemberId id);
  // Without regard to ASCII case.
  absl::StatusOr<MemberCardPtr> LoadByHandle(std::string_view handle);

  void OnEvent(const v1::Event& event);
  void OnReset();

  struct Entry {
    MemberCardPtr card;
    size_t Bytes() const;
  };
  Cache<Entry>::Stats stats() const { return cache_.stats(); }

 private:
  struct Miss {
    size_t at;
    Cache<Entry>::Ticket ticket;
  };
  absl::Status LoadMisses(std::span<const MemberId> ids, std::span<MemberCardPtr> cards,
                          const std::vector<Miss>& misses);

  Cache<Entry> cache_;
  std::unique_ptr<ProjectionReader> reader_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_MEMBER_CARDS_H_
