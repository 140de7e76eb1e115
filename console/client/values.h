/* D-Bus values as json-c objects, and back: the in-memory form of the broker's rows. */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

static inline void json_putp(json_object **object)
{
    if (*object)
        json_object_put(*object);
}
#define json_ __attribute__((cleanup(json_putp)))

/* Keeps `what` (a reference of its own; NULL: nothing) in place of what was there. */
static inline void json_keep(json_object **to, json_object *what)
{
    json_object *before = *to;

    *to = json_object_get(what);
    json_object_put(before);
}

/* All arguments of a message as one JSON array. Dictionaries become objects, structs and arrays become
 * arrays. Strings are cleaned, as they come from a host that may lie; only statements keep their bytes: those
 * are whole arguments, members of structs, or have the key "text". 0, -EBADMSG (too deep, or a type nobody
 * sends), -errno. */
int values_read(sd_bus_message *m, json_object **arguments);
/* Appends an object as a{sv}: strings, booleans, whole numbers (x; u for the key "limit"), arrays of strings.
 */
int values_append(sd_bus_message *m, json_object *object);

/* What stands under a key; "" or 0 or false where there is nothing of that type. Numbers are times and counts
 * from a host that may lie: they are kept so small that sums of them do not overflow. */
const char *row_string(json_object *row, const char *key);
int64_t row_number(json_object *row, const char *key);
bool row_flag(json_object *row, const char *key);
/* Whether it is true, or not told: what brokers of another age do not say forbids nothing here. */
bool row_allows(json_object *row, const char *key);
/* An array, or NULL. */
json_object *row_array(json_object *row, const char *key);
/* The strings of an array joined by `glue`, cut at size; gives out. */
const char *row_joined(json_object *row, const char *key, const char *glue, char *out, size_t size);
