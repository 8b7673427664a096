#pragma once

#include <memory>
#include <string>

#include <sqlite3.h>

#include <agent/sdk/codec.hpp>

namespace agent::history {

/// A prepared SQL statement. Parameters are bound in order; the texts bound must outlive the steps.
class Statement {
 public:
  /// Throws Error for what SQLite does not take.
  Statement(sqlite3* database, const char* sql);
  Statement& bind(const std::string& text);
  Statement& bind(std::int64_t number);
  Statement& bind(double number);
  Statement& bind(const Bytes& bytes);
  /// The next parameter is NULL.
  Statement& skip();
  /// True: there is a row. Throws Error when it fails.
  bool step();
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  double real(int column) const { return sqlite3_column_double(statement_.get(), column); }
  std::string text(int column) const;
  Value cbor(int column) const;

 private:
  struct Finish {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finish> statement_;
  int bound_ = 0;
};

}  // namespace agent::history
