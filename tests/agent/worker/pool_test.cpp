// The pool with real workers: how the ways in which a module can go wrong come out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/host/users.hpp>
#include <agent/loader/library.hpp>
#include <agent/wire/module_index.hpp>
#include <agent/worker/pool.hpp>

namespace agent {
namespace {

using Status = TaskReply::Status;
using testing::HasSubstr;

class APoolOfWorkers : public testing::Test {
 protected:
  APoolOfWorkers() {
    const Path path = Path(TEST_MODULES) / "misbehave.so";
    const Library library = Library::open(path);
    index_ = make_module_index({{"misbehave", path, "", library.distros(), library.spec()}});
    pool_ =
        make_worker_pool(*index_, {.executable = WORKER_PROGRAM, .modules = TEST_MODULES, .output_limit = 1u << 20});
  }
  TaskReply run(const std::string& how, std::chrono::milliseconds timeout = {}, Identity identity = {}) {
    TaskRequest request;
    request.module = "misbehave";
    if (!how.empty()) request.args = {{"how", how}};
    request.timeout = timeout;
    request.identity = identity;
    return pool_->run(request, {});
  }
  std::unique_ptr<ModuleIndex> index_;
  std::unique_ptr<TaskRunner> pool_;
};

TEST_F(APoolOfWorkers, NamesTheSignalOfAModuleThatCrashes) {
  const TaskReply reply = run("crash");
  EXPECT_EQ(reply.status, Status::failed);
  EXPECT_THAT(reply.error->message(), HasSubstr("the module 'misbehave' crashed: SIGSEGV (segmentation fault)"));
}

TEST_F(APoolOfWorkers, NamesTheExitCodeOfAModuleThatEndsItsProcess) {
  EXPECT_THAT(run("exit").error->message(), HasSubstr("the module 'misbehave' ended its process with exit code 7"));
}

TEST_F(APoolOfWorkers, StopsAModuleThatHangsAtItsTimeout) {
  EXPECT_THAT(run("hang", std::chrono::milliseconds(300)).error->message(),
              HasSubstr("the task did not end within its timeout of 300 ms"));
}

TEST_F(APoolOfWorkers, StopsAModuleThatFloodsItsOutput) {
  EXPECT_THAT(run("flood").error->message(), HasSubstr("the module 'misbehave' printed more than its limit of 1 MiB"));
}

TEST_F(APoolOfWorkers, MakesAnExceptionAFailure) {
  EXPECT_THAT(run("throw").error->message(), HasSubstr("an exception that is no Error"));
}

TEST_F(APoolOfWorkers, GoesOnWithAFreshWorkerAfterACrash) {
  run("crash");
  EXPECT_THAT(run("throw").error->message(), HasSubstr("an exception that is no Error"));
}

TEST_F(APoolOfWorkers, SaysThatAModuleLiedAboutItsSuccess) {
  EXPECT_THAT(run("lie").error->message(), HasSubstr("did not converge"));
}

TEST_F(APoolOfWorkers, RefusesALibraryThatIsNotTheIndexedOne) {
  auto entry = *index_->find("misbehave");
  entry.sha256 = std::string(64, '0');
  const auto index = make_module_index({entry});
  const auto pool = make_worker_pool(*index, {.executable = WORKER_PROGRAM, .modules = TEST_MODULES});
  TaskRequest request;
  request.module = "misbehave";
  request.args = {{"how", "throw"}};
  EXPECT_THAT(pool->run(request, {}).error->message(), HasSubstr("is not the one that was built"));
}

TEST_F(APoolOfWorkers, TellsFactsOfTheMachine) {
  EXPECT_TRUE(pool_->facts({"kernel"}, {}).is_map());
}

TEST_F(APoolOfWorkers, OfRootBecomesAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can change its ids";
  Identity identity;
  identity.become = true;
  identity.user = "daemon";
  EXPECT_THAT(run("throw", {}, identity).error->message(), HasSubstr("an exception that is no Error"));
}

TEST_F(APoolOfWorkers, ThatDoesNotFindItsProgramSaysSo) {
  const auto pool = make_worker_pool(*index_, {.executable = "/nowhere/agent", .modules = TEST_MODULES});
  TaskRequest request;
  request.module = "misbehave";
  EXPECT_THROW(pool->run(request, {}), Error);
}

TEST_F(APoolOfWorkers, UsesTheOneThatWasStartedAheadAndStartsNone) {
  const auto pool =
      make_worker_pool(*index_, {.executable = "/nowhere/agent", .modules = TEST_MODULES}, start_worker_ahead());
  TaskRequest request;
  request.module = "misbehave";
  request.args = {{"how", "throw"}};
  EXPECT_THAT(pool->run(request, {}).error->message(), HasSubstr("an exception that is no Error"));
}

TEST_F(APoolOfWorkers, SaysOnceThatATaskBeginsInALoginThatWouldEndIt) {
  int said = 0;
  PoolOptions options{.executable = WORKER_PROGRAM, .modules = TEST_MODULES};
  options.scope = {"agent-test.scope", [&](const std::string& why) { said += why.empty() ? 1 : 100; }};
  const auto pool = make_worker_pool(*index_, options);
  TaskRequest request;
  request.module = "misbehave";
  request.args = {{"how", "throw"}};
  pool->facts({"kernel"}, {});
  request.check_mode = true;
  pool->run(request, {});
  EXPECT_EQ(said, 0) << "of what changes nothing nothing is lost";
  request.check_mode = false;
  pool->run(request, {});
  pool->run(request, {});
  EXPECT_EQ(said, 1);
}

}  // namespace
}  // namespace agent
