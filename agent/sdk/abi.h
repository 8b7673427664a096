/* The boundary between the agent and a module library: one versioned C table, bytes in and bytes out.
 *
 * All bytes are CBOR (RFC 8949) maps. No C++ type, allocator or exception crosses: a reply is handed to the receiver's
 * callback, which copies what it keeps before it returns. docs/module-abi.md lists the messages. */
#ifndef AGENT_SDK_ABI_H
#define AGENT_SDK_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised by one whenever an old module would misunderstand a new agent, or the other way round. */
#define AGENT_ABI_VERSION 1u

typedef struct agent_bytes {
  const uint8_t* data;
  size_t size;
} agent_bytes;

/* Takes bytes that are only valid during the call. */
typedef void (*agent_reply)(void* context, agent_bytes bytes);

/* The machine, for the module. `ask` answers {"question": ...} through `reply` before it returns: exactly one of
 * {"answer": ...}, {"error": ...}, {"unknown": [...]}. */
typedef struct agent_host_table {
  uint32_t abi_version;
  void* context;
  void (*ask)(void* context, agent_bytes question, agent_reply reply, void* reply_context);
} agent_host_table;

/* The module, for the agent. The version comes first in every version of this table. */
typedef struct agent_module_table {
  uint32_t abi_version;
  /* Replies {"spec": ..., "variants": ["debian", ...]}. */
  void (*describe)(agent_reply reply, void* reply_context);
  /* {"call": "check" | "apply", "variant": "debian", "args": ... | "plan": ...}
   * replies {"plan": ...} | {"outcome": ...} | {"error": ...} | {"unknown": [...]}. */
  void (*call)(agent_bytes request, const agent_host_table* host, agent_reply reply, void* reply_context);
} agent_module_table;

/* The one symbol that a module library exports. */
typedef const agent_module_table* (*agent_module_function)(void);
#define AGENT_MODULE_SYMBOL "agent_module"

#ifdef __cplusplus
}
#endif

#endif
