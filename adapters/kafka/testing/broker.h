// A real Kafka of the test's own, by tools/kafka. Gone with its data at the end.
//
//   Broker broker;              // running
//   broker.Kill();  broker.Start();
//   Options{.brokers = broker.address()};
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_KAFKA_TESTING_BROKER_H_
#define DAILYFEED_ADAPTERS_KAFKA_TESTING_BROKER_H_

#include <string>

namespace dailyfeed::kafka::testing {

class Broker {
 public:
  // `properties`: more lines for server.properties. A failure ends the test program:
  // without a broker nothing can be said.
  explicit Broker(std::string properties = "");
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  void Start();  // again, after Kill, Stop or Wipe
  void Kill();   // SIGKILL
  void Stop();   // in order
  void Wipe();   // kills it and deletes what it has
  // SIGSTOP and SIGCONT: it is there and answers nothing.
  void Pause();
  void Resume();

  std::string address() const;

 private:
  void Run(const std::string& what);
  void Signal(int signal);

  std::string properties_;
  std::string directory_;
  int port_;
};

}  // namespace dailyfeed::kafka::testing

#endif  // DAILYFEED_ADAPTERS_KAFKA_TESTING_BROKER_H_
