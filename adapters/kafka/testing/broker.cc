#include "adapters/kafka/testing/broker.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "core/base/check.h"

namespace dailyfeed::kafka::testing {
namespace {

// Below the ports that the system gives out, four for each broker.
constexpr int kFirstPort = 20'000;
constexpr int kPorts = 1'500;
constexpr int kPortsOfBroker = 8;
int brokers_made = 0;

std::string TestDirectory() {
  const char* const directory = std::getenv("TEST_TMPDIR");
  return directory != nullptr ? directory : "/tmp";
}

}  // namespace

Broker::Broker(std::string properties) : properties_(std::move(properties)) {
  const int number = brokers_made++;
  port_ = kFirstPort + (static_cast<int>(getpid()) * 7 + number) % kPorts * kPortsOfBroker;
  directory_ = fmt::format("{}/kafka-{}-{}", TestDirectory(), getpid(), number);
  Start();
}

Broker::~Broker() { Run("wipe"); }

void Broker::Start() { Run("start"); }
void Broker::Kill() { Run("kill"); }
void Broker::Stop() { Run("stop"); }
void Broker::Wipe() { Run("wipe"); }
void Broker::Pause() { Signal(SIGSTOP); }
void Broker::Resume() { Signal(SIGCONT); }

std::string Broker::address() const { return fmt::format("127.0.0.1:{}", port_); }

void Broker::Run(const std::string& what) {
  const std::string command =
      fmt::format("KAFKA_PROPERTIES='{}' tools/kafka {} --dir={} --port={} >/dev/null", properties_,
                  what, directory_, port_);
  const int result = std::system(command.c_str());
  if (result != 0) fmt::print(stderr, "{} failed\n", command);
  DAILYFEED_CHECK(result == 0);
}

void Broker::Signal(int signal) {
  std::ifstream file(directory_ + "/1/pid");
  pid_t pid = 0;
  file >> pid;
  DAILYFEED_CHECK(pid > 1);
  DAILYFEED_CHECK(::kill(pid, signal) == 0);
}

}  // namespace dailyfeed::kafka::testing
