// What the tests share that go through the tables of the HTTP contract row by row.
#ifndef DAILYFEED_ADAPTERS_HTTP_TESTING_API_ROWS_TEST_UTIL_H_
#define DAILYFEED_ADAPTERS_HTTP_TESTING_API_ROWS_TEST_UTIL_H_

#include <string>
#include <thread>
#include <vector>

#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {

class ContractRowsTest : public ApiTest {
 protected:
  // A member who joined and withdrew. What is erased after the answer ends with
  // an event that no row causes: it is waited for.
  Person JoinAndWithdraw(std::string_view name) {
    Person gone = Join(name);
    Withdraw(gone);
    return gone;
  }
  void Withdraw(const Person& person) {
    EXPECT_EQ(Delete("/api/authentication/deactivate", person).status, 200);
    bool erased = false;
    while (!erased) {
      std::this_thread::yield();
      EXPECT_TRUE(feed_->log()
                      .Read(feed_->log().Head(),
                            [&](const v1::Event& event) {
                              erased = event.payload().has_member_erased();
                              return true;
                            })
                      .ok());
    }
  }

  struct ErrorRow {
    const char* method;
    std::string path;
    std::string body;
    const Person* caller;
    int status;
    const char* code;
  };
  // Each is refused as it says, and changes nothing.
  void ExpectErrors(const std::vector<ErrorRow>& rows) {
    for (const ErrorRow& row : rows) {
      SCOPED_TRACE(fmt::format("{} {} {}", row.method, row.path, row.body.substr(0, 80)));
      const Position head = feed_->log().Head();
      const HttpReply reply = Send(row.method, row.path, As(*row.caller), row.body);
      ExpectError(reply, row.status, row.code);
      if (!Json(reply).is_object()) continue;
      EXPECT_EQ(Json(reply).as_object().at("path").as_string(),
                row.path.substr(0, row.path.find('?')));
      ExpectUnchanged(head);
    }
  }

  static constexpr uint64_t kUnknown = 999'999;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TESTING_API_ROWS_TEST_UTIL_H_
