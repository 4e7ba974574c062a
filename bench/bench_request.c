#include "bench_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define BENCH_REQUEST_NUMBER  "##########"


static int
bench_requests_wrong(bench_requests_t *requests, const char *wrong)
{
    requests->wrong = wrong;

    return 0;
}


static int
bench_requests_add(bench_requests_t *requests, const char *user,
    const char *path, const char *body)
{
    int               len;
    char              text[BENCH_REQUEST_MAX];
    bench_request_t  *request;

    len = body == NULL
          ? snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: localhost"
                     "\r\nCookie: uid=%s\r\n\r\n", path, user)
          : snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\n"
                     "Host: localhost\r\nCookie: uid=%s\r\nContent-Type: "
                     "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                     path, user, strlen(body), body);

    if (len < 0 || (size_t) len >= sizeof(text)) {
        return bench_requests_wrong(requests, "a request is too long");
    }

    request = &requests->list[requests->n];

    request->len = (size_t) len;
    request->numbered = strstr(text, BENCH_REQUEST_NUMBER) != NULL;
    request->text = strdup(text);

    if (request->text == NULL) {
        return bench_requests_wrong(requests, "no memory");
    }

    requests->n++;

    return 1;
}


int
bench_requests_read(bench_requests_t *requests, const char *users,
    const char *path, const char *body)
{
    int               ok;
    char              line[512];
    FILE             *f;
    size_t            size;
    bench_request_t  *list;

    f = fopen(users, "r");
    if (f == NULL) {
        return bench_requests_wrong(requests, strerror(errno));
    }

    ok = 1;
    size = 0;

    while (ok && fgets(line, sizeof(line), f) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';

        if (requests->n == size) {
            size = size ? size * 2 : 1024;
            list = realloc(requests->list, size * sizeof(bench_request_t));

            if (list == NULL) {
                ok = bench_requests_wrong(requests, "no memory");
                break;
            }

            requests->list = list;
        }

        ok = bench_requests_add(requests, line, path, body);
    }

    fclose(f);

    if (ok && requests->n == 0) {
        return bench_requests_wrong(requests, "no users");
    }

    return ok;
}


const char *
bench_request_text(const bench_requests_t *requests, uint64_t number,
    char *numbered, size_t *len)
{
    char                   *p, digits[sizeof(BENCH_REQUEST_NUMBER)];
    const bench_request_t  *request;

    request = &requests->list[number % requests->n];
    *len = request->len;

    if (!request->numbered) {
        return request->text;
    }

    memcpy(numbered, request->text, request->len + 1);
    snprintf(digits, sizeof(digits), "%010u", (unsigned) number);

    for (p = numbered; (p = strstr(p, BENCH_REQUEST_NUMBER)) != NULL; ) {
        memcpy(p, digits, sizeof(digits) - 1);
    }

    return numbered;
}
