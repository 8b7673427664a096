set(module_links agent::resolver)
