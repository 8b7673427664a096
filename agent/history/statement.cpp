#include <agent/history/statement.hpp>
#include <agent/sdk/error.hpp>

namespace agent::history {

Statement::Statement(sqlite3* database, const char* sql) : database_(database) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(database, sql, -1, &raw, nullptr);
  statement_.reset(raw);
  if (code != SQLITE_OK) throw Error(std::string("the history cannot be used: ") + sqlite3_errmsg(database));
}

Statement& Statement::bind(const std::string& text) {
  sqlite3_bind_text(statement_.get(), ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  return *this;
}
Statement& Statement::bind(std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), ++bound_, number);
  return *this;
}
Statement& Statement::bind(double number) {
  sqlite3_bind_double(statement_.get(), ++bound_, number);
  return *this;
}
Statement& Statement::bind(const Bytes& bytes) {
  sqlite3_bind_blob64(statement_.get(), ++bound_, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}
Statement& Statement::skip() {
  sqlite3_bind_null(statement_.get(), ++bound_);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    throw Error(std::string("the history cannot be used: ") + sqlite3_errmsg(database_));
  return code == SQLITE_ROW;
}

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)))
              : std::string();
}

Value Statement::cbor(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  return from_cbor(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

}  // namespace agent::history
