#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "core/base/status_macros.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

void Print(const VerifyReport& report) {
  if (absl::GetFlag(FLAGS_json)) {
    PrintLine(json::serialize(json::object{{"head", report.head},
                                           {"events", report.events},
                                           {"streams", report.streams},
                                           {"decisionRows", report.decision_rows},
                                           {"days", report.days},
                                           {"idempotencyRecords", report.idempotency_records},
                                           {"fault", report.fault}}));
    return;
  }
  PrintText(fmt::format("head           {}\nevents         {}\nstreams        {}\n", report.head,
                        report.events, report.streams));
  PrintText(fmt::format("decision rows  {}\ndays           {}\nidempotency    {}\n",
                        report.decision_rows, report.days, report.idempotency_records));
  PrintText(fmt::format("{}\n", report.fault.empty() ? "no fault" : "FAULT: " + report.fault));
}

absl::StatusOr<VerifyReport> Verify() {
  ASSIGN_OR_RETURN(const auto log, OpenLogForReading());
  return VerifyRocksEventLog(*log);
}

int Run(const std::vector<std::string>&) {
  const absl::StatusOr<VerifyReport> report = Verify();
  if (!report.ok()) return Fail("log verify", report.status());
  Print(*report);
  return report->fault.empty() ? kExitOk : kExitFailed;
}

}  // namespace

Subcommand LogVerifySubcommand() {
  return {
      .name = "log verify",
      .summary = "check every invariant of the log, name the first fault",
      .synopsis = "--data-dir=DIR [--json]",
      .text =
          "Reads everything and checks: positions without holes, checksums, stream versions\n"
          "contiguous, the index of days exact, the decision state equal to a fold of the log,\n"
          "what is remembered of idempotent commands, every block of every file. Exit code 1\n"
          "when there is a fault; it names the position. Changes nothing. No server may have\n"
          "the directory open.\n"
          "\n"
          "  dailyfeed log verify --data-dir=feed\n",
      .flags = {"data-dir", "json"},
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli
