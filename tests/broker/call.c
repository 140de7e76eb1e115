/* SPDX-License-Identifier: ISC */
/* A client for tests: broker-call SOCKET METHOD [ARGUMENT]... prints the reply, one value a line. Instead of
 * a socket it takes any D-Bus address, as unixexec:path=ssh,argv1=breakglass@HOST,argv2=bridge. Arguments:
 * text is s; "yes" and "no" after "b" are b; a number after "u" is u; "{" starts an a{sv} of the rest:
 * key=text, key:number (x), key+word (as of one), key! (true). "-" instead of a text reads it from stdin.
 * "Watch" then waits for signals and prints the name of each before its arguments. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define PATH "/org/breakglass/Broker1"
#define INTERFACE "org.breakglass.Broker1"

static int append_pair(sd_bus_message *m, char *pair)
{
    char *sign = strpbrk(pair, "=:+!");

    if (sign == NULL)
        return -EINVAL;
    char kind = *sign;

    *sign = '\0';
    if (kind == '=')
        return sd_bus_message_append(m, "{sv}", pair, "s", sign + 1);
    if (kind == ':')
        return sd_bus_message_append(m, "{sv}", pair, strcmp(pair, "limit") == 0 ? "u" : "x",
                                     strtoll(sign + 1, NULL, 10));
    if (kind == '+')
        return sd_bus_message_append(m, "{sv}", pair, "as", 1, sign + 1);
    return sd_bus_message_append(m, "{sv}", pair, "b", 1);
}

static int append_stdin(sd_bus_message *m)
{
    static char text[256 * 1024];
    size_t n = fread(text, 1, sizeof text - 1, stdin);

    text[n] = '\0';
    return sd_bus_message_append(m, "s", text);
}

static int append_all(sd_bus_message *m, int n, char **v)
{
    int r = 0;

    for (int i = 0; r >= 0 && i < n; i++) {
        if (strcmp(v[i], "{") == 0) {
            r = sd_bus_message_open_container(m, 'a', "{sv}");
            while (r >= 0 && ++i < n)
                r = append_pair(m, v[i]);
            return r < 0 ? r : sd_bus_message_close_container(m);
        }
        if (strcmp(v[i], "b") == 0 && i + 1 < n)
            r = sd_bus_message_append(m, "b", strcmp(v[++i], "yes") == 0);
        else if (strcmp(v[i], "u") == 0 && i + 1 < n)
            r = sd_bus_message_append(m, "u", (uint32_t)strtoul(v[++i], NULL, 10));
        else
            r = strcmp(v[i], "-") == 0 ? append_stdin(m) : sd_bus_message_append(m, "s", v[i]);
    }
    return r;
}

/* Scalars one a line, dictionary entries as "key: value", rows apart by "--". */
static int print_all(sd_bus_message *m, const char *key)
{
    const char *contents = NULL;
    char type = 0;
    int r;

    while ((r = sd_bus_message_peek_type(m, &type, &contents)) > 0) {
        union {
            const char *s;
            int64_t x;
            uint32_t u;
            int b;
        } value;

        if (type == 'a' || type == 'r' || type == 'e' || type == 'v') {
            r = sd_bus_message_enter_container(m, type, contents);
            if (r >= 0 && type == 'e')
                r = sd_bus_message_read_basic(m, 's', &key);
            if (r >= 0)
                r = print_all(m, key);
            if (r >= 0)
                r = sd_bus_message_exit_container(m);
            if (type == 'a' && strcmp(contents, "{sv}") == 0)
                printf("--\n");
        } else {
            r = sd_bus_message_read_basic(m, type, &value);
            if (key != NULL)
                printf("%s: ", key);
            if (type == 's')
                printf("%s\n", value.s);
            else
                printf("%lld\n", type == 'x'   ? (long long)value.x
                                 : type == 'u' ? (long long)value.u
                                               : value.b);
        }
        if (r < 0)
            return r;
    }
    return r;
}

static int watch(sd_bus *bus)
{
    for (;;) {
        sd_bus_message *m = NULL;
        int r = sd_bus_process(bus, &m);

        if (r < 0)
            return r;
        if (m != NULL) {
            printf("%s\n", sd_bus_message_get_member(m));
            (void)print_all(m, NULL);
        }
        (void)fflush(stdout);
        sd_bus_message_unref(m);
        if (r == 0 && (r = sd_bus_wait(bus, UINT64_MAX)) < 0)
            return r;
    }
}

int main(int argc, char **argv)
{
    sd_bus *bus = NULL;
    sd_bus_message *m = NULL, *reply = NULL;
    sd_bus_error error = SD_BUS_ERROR_NULL;
    char address[512];
    int r = argc < 3 ? -EINVAL : sd_bus_new(&bus);

    if (r >= 0)
        (void)snprintf(address, sizeof address, "%s%s", strchr(argv[1], ':') ? "" : "unix:path=", argv[1]);
    if (r >= 0 && (r = sd_bus_set_address(bus, address)) >= 0 && (r = sd_bus_start(bus)) >= 0)
        r = sd_bus_message_new_method_call(bus, &m, NULL, PATH, INTERFACE, argv[2]);
    if (r >= 0)
        r = append_all(m, argc - 3, argv + 3);
    if (r >= 0)
        r = sd_bus_call(bus, m, 20 * 1000000ULL, &error, &reply);
    if (sd_bus_error_is_set(&error))
        printf("%s: %s\n", error.name, error.message);
    else if (r < 0)
        printf("failed: %s\n", strerror(-r));
    if (reply != NULL)
        (void)print_all(reply, NULL);
    if (r >= 0 && strcmp(argv[2], "Watch") == 0)
        r = watch(bus);
    sd_bus_error_free(&error);
    sd_bus_message_unref(reply);
    sd_bus_message_unref(m);
    sd_bus_flush_close_unref(bus);
    return r < 0;
}
