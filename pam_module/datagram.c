/* SPDX-License-Identifier: ISC */
/* A log line by a non-blocking datagram: syslog() waits for a journald that is stopped. */
#include "pam_module/datagram.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#define TAG_ROOM 200 /* priority, tag and process before the text */

void datagram_send(const char *path, int priority, const char *tag, const char *text)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char clean[DATAGRAM_TEXT_SIZE], line[DATAGRAM_TEXT_SIZE + TAG_ROOM];

    if (strlen(path) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, strlen(path));
    (void)bg_clean(clean, sizeof clean, text);
    /* No time stamp: the receiver has its own, and a local one would need the time zone's file. */
    int len =
        snprintf(line, sizeof line, "<%d>%s[%d]: %s", LOG_AUTHPRIV | priority, tag, (int)getpid(), clean);
    if (len < 0 || (size_t)len >= sizeof line)
        return;
    bg_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, line, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&address,
                 sizeof address);
}
