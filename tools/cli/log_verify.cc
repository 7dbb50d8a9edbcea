#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "adapters/rocksdb/log/rocks_event_log.h"
#include "core/base/status_macros.h"
#include "tools/cli/operator_commands.h"

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

std::string JsonOf(const VerifyReport& report) {
  return json::serialize(json::object{{"head", report.head},
                                      {"events", report.events},
                                      {"streams", report.streams},
                                      {"decisionRows", report.decision_rows},
                                      {"days", report.days},
                                      {"idempotencyRecords", report.idempotency_records},
                                      {"fault", report.fault}}) +
         "\n";
}

std::string TextOf(const VerifyReport& report) {
  return fmt::format(
      "head           {}\nevents         {}\nstreams        {}\ndecision rows  {}\n"
      "days           {}\nidempotency    {}\n{}\n",
      report.head, report.events, report.streams, report.decision_rows, report.days,
      report.idempotency_records, report.fault.empty() ? "no fault" : "FAULT: " + report.fault);
}

absl::StatusOr<int> Verify(OperatorTarget& target, const CommandArguments& arguments,
                           control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const bool as_json, arguments.Get<bool>("json"));
  ASSIGN_OR_RETURN(const VerifyReport report, target.VerifyLog(output));
  output.Write(as_json ? JsonOf(report) : TextOf(report));
  return report.fault.empty() ? kExitOk : kExitFailed;
}

}  // namespace

OperatorCommand LogVerifyCommand() {
  return {
      .subcommand =
          {
              .name = "log verify",
              .summary = "check every invariant of the log, name the first fault",
              .synopsis = "--data-dir=DIR [--json]",
              .text = "Reads everything and checks: positions without holes, checksums, stream "
                      "versions\n"
                      "contiguous, the index of days exact, the decision state equal to a fold of "
                      "the log,\n"
                      "what is remembered of idempotent commands, every block of every file. Exit "
                      "code 1\n"
                      "when there is a fault; it names the position. Changes nothing. Of a running "
                      "server\n"
                      "the log of this moment is checked, in a copy that is made of hard links.\n"
                      "\n"
                      "  dailyfeed log verify --data-dir=feed\n",
              .flags = {"data-dir", "json"},
          },
      .run = &Verify};
}

}  // namespace dailyfeed::cli
