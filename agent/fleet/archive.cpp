#include <cstring>

#include <zstd.h>

#include <agent/fleet/archive.hpp>
#include <agent/sdk/error.hpp>
#include <agent/unpack/ustar.hpp>

namespace agent::fleet {
namespace {

using unpack::UstarHeader;

// Nine takes a second. Twelve takes two and saves one part in a hundred, nineteen takes twenty-five and saves ten.
constexpr int level = 9;
// Two MiB: what is unpacked stays within a processor's cache.
constexpr int window = 21;
constexpr std::size_t most_content = 256u << 20;

std::size_t checked(std::size_t result) {
  if (ZSTD_isError(result)) throw Error(std::string("Zstandard says: ") + ZSTD_getErrorName(result));
  return result;
}

UstarHeader header_of(const std::string& path, unsigned mode, std::size_t size) {
  UstarHeader header{};
  if (path.size() >= sizeof header.name || !unpack::put_ustar_number(header.size, size))
    throw Error("'" + path + "' does not fit into a tar");
  std::memcpy(header.name, path.data(), path.size());
  unpack::put_ustar_number(header.mode, mode);
  unpack::put_ustar_number(header.user_id, 0);
  unpack::put_ustar_number(header.group_id, 0);
  unpack::put_ustar_number(header.time, 0);
  header.kind = '0';
  std::memcpy(header.magic, "ustar", sizeof header.magic);
  std::memcpy(header.version, "00", sizeof header.version);
  unpack::put_ustar_number(header.checksum, unpack::ustar_checksum(header));
  return header;
}

std::string_view bytes_of(const UstarHeader& header) {
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

const std::string& zeros() {
  static const std::string blocks(2 * unpack::ustar_block, '\0');
  return blocks;
}

}  // namespace

struct Packer::State {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), ZSTD_freeCCtx};
  std::string out;

  void put(std::string_view bytes, ZSTD_EndDirective until) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (std::size_t left = 1; left != 0;) {
      const std::size_t had = out.size();
      out.resize(had + ZSTD_CStreamOutSize());
      ZSTD_outBuffer room{out.data() + had, out.size() - had, 0};
      left = checked(ZSTD_compressStream2(context.get(), &room, &in, until));
      out.resize(had + room.pos);
      if (until == ZSTD_e_continue) left = in.size - in.pos;
    }
  }
};

Packer::Packer() : state_(std::make_unique<State>()) {
  checked(ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_compressionLevel, level));
  checked(ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_windowLog, window));
  // agent/unpack relies on it.
  checked(ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_checksumFlag, 1));
}

Packer::~Packer() = default;

void Packer::put(std::string_view bytes) {
  if (!bytes.empty()) state_->put(bytes, ZSTD_e_continue);
}

void Packer::add(const std::string& path, unsigned mode, std::string_view content) {
  put(bytes_of(header_of(path, mode, content.size())));
  put(content);
  put(std::string_view(zeros()).substr(0, unpack::ustar_filling(content.size())));
}

std::string Packer::finish() {
  state_->put(zeros(), ZSTD_e_end);
  return std::move(state_->out);
}

struct PackedFiles::State {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(), ZSTD_freeDCtx};
  ZSTD_inBuffer in;
};

PackedFiles::PackedFiles(std::string_view archive) : state_(std::make_unique<State>()) {
  state_->in = {archive.data(), archive.size(), 0};
}

PackedFiles::~PackedFiles() = default;

std::string PackedFiles::read(std::size_t size) {
  std::string out(size, '\0');
  ZSTD_outBuffer room{out.data(), size, 0};
  while (room.pos < size) {
    const std::size_t in_before = state_->in.pos, out_before = room.pos;
    checked(ZSTD_decompressStream(state_->context.get(), &room, &state_->in));
    if (state_->in.pos == in_before && room.pos == out_before) throw Error("the archive ends too soon");
  }
  return out;
}

std::optional<PackedFiles::File> PackedFiles::next() {
  UstarHeader header;
  const std::string block = read(sizeof header);
  if (block == zeros().substr(0, block.size())) return std::nullopt;
  std::memcpy(&header, block.data(), sizeof header);
  File file;
  file.path.assign(header.name, ::strnlen(header.name, sizeof header.name));
  file.mode = static_cast<unsigned>(unpack::ustar_number(header.mode));
  const std::uint64_t size = unpack::ustar_number(header.size);
  if (size > most_content || bytes_of(header_of(file.path, file.mode, size)) != block)
    throw Error("the archive is not one of an agent");
  file.content = read(size);
  read(unpack::ustar_filling(size));
  return file;
}

}  // namespace agent::fleet
