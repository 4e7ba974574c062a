/*
 * bench_load: load for a server on this machine.  Its connections are kept
 * alive and never more than one request is under way on each; it polls
 * without ever sleeping, since a server that has to wake its client up pays
 * for the client's sleep.
 *
 *     bench_load [-c CONNECTIONS] [-t SECONDS] [-w WARM_UP] [-l LENGTH]
 *                [-e TEXT] [-p PID] [-r] [-b BODY] [-n COUNT] -u USERS
 *                PORT PATH
 *
 * Each request carries the cookie uid= of the next user of the file USERS
 * (an id a line).  Each response must have the status 200 and a body that is
 * whole, LENGTH bytes long and holds TEXT, where these are given.  -p: the
 * worker whose CPU time is taken.  -r: the server may close connections
 * between two requests, as it does in a reload; they are opened again.
 *
 * -b: POSTs of BODY, which is JSON; every ########## in it becomes the
 * request's number, from 0, in ten digits.  Their answer is 204.  -n: as many
 * requests and no more, and no warming up, whatever time they take.
 *
 * The result is one line of JSON.
 */

#include "bench_request.h"
#include "bench_response.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>


#define LOAD_CONNECTIONS  1024
#define LOAD_SLICE_NS     10000000      /* of the time line: 10 ms */
#define LOAD_SLICES       12000

/* Of latencies: 64 steps in each power of two of nanoseconds. */
#define LOAD_STEPS        64
#define LOAD_BUCKETS      (LOAD_STEPS * 40)


typedef struct {
    int                fd;
    uint64_t           sent;            /* when, ns */
    bench_response_t   response;
} load_connection_t;

typedef struct {
    int                 port;
    int                 pid;
    int                 reload;
    uint32_t            n_connections;
    uint64_t            time_ns;
    uint64_t            warm_up_ns;
    size_t              length;
    const char         *expect;
    const char         *path;
    const char         *users;
    const char         *body;           /* NULL: GET */
    uint64_t            count;          /* 0: by time */

    int                 epoll;
    bench_requests_t    requests;
    uint64_t            next;
    load_connection_t   connections[LOAD_CONNECTIONS];

    uint64_t            started;        /* the measured time, ns */
    uint64_t            last;           /* response */
    uint64_t            stall;          /* longest time without any */
    uint64_t            n_responses;
    uint64_t            n_bytes;
    uint64_t            n_closed;
    uint64_t            n_lost;         /* closed with a request under way */
    uint32_t            latencies[LOAD_BUCKETS];
    uint32_t            slices[LOAD_SLICES];
} load_t;


static void
load_die(const char *what, const char *why)
{
    fprintf(stderr, "bench_load: %s: %s\n", what, why);
    exit(1);
}


static uint64_t
load_now(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}


static void *
load_alloc(size_t size)
{
    void  *p;

    p = calloc(1, size);

    if (p == NULL) {
        load_die("memory", "none");
    }

    return p;
}


/* What the process has used of a processor, ns. */
static uint64_t
load_cpu(int pid)
{
    char                 name[64];
    FILE                *f;
    unsigned long long   ns;

    if (pid == 0) {
        return 0;
    }

    ns = 0;
    snprintf(name, sizeof(name), "/proc/%d/schedstat", pid);
    f = fopen(name, "r");

    if (f == NULL || fscanf(f, "%llu", &ns) != 1) {
        load_die(name, "cannot be read");
    }

    fclose(f);

    return ns;
}


/* --- connections -------------------------------------------------------- */

static void
load_send(load_t *load, load_connection_t *c)
{
    char         numbered[BENCH_REQUEST_MAX];
    size_t       len;
    ssize_t      n;
    const char  *text;

    if (load->count != 0 && load->next == load->count) {
        return;
    }

    text = bench_request_text(&load->requests, load->next, numbered, &len);
    load->next++;

    bench_response_reset(&c->response);
    c->sent = load_now();

    n = send(c->fd, text, len, MSG_NOSIGNAL);

    /* Whatever was closed before is noticed when it is read. */

    if (n != (ssize_t) len && !load->reload) {
        load_die("send", n == -1 ? strerror(errno) : "short");
    }
}


static void
load_connect(load_t *load, load_connection_t *c)
{
    int                  one;
    struct epoll_event   event;
    struct sockaddr_in   address;

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t) load->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    c->fd = socket(AF_INET, SOCK_STREAM, 0);

    if (c->fd == -1
        || connect(c->fd, (struct sockaddr *) &address, sizeof(address))
           == -1)
    {
        load_die("connect", strerror(errno));
    }

    one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) == -1) {
        load_die("connection", strerror(errno));
    }

    event.events = EPOLLIN;
    event.data.ptr = c;

    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, c->fd, &event) == -1) {
        load_die("epoll", strerror(errno));
    }
}


/* The server closed it: before a first byte of the answer, or within one. */
static void
load_closed(load_t *load, load_connection_t *c)
{
    if (!load->reload) {
        load_die("connection", "closed by the server");
    }

    load->n_closed++;
    load->n_lost += c->response.len > 0;

    close(c->fd);
    load_connect(load, c);
    load_send(load, c);
}


/* --- responses ---------------------------------------------------------- */

static uint32_t
load_bucket(uint64_t ns)
{
    uint32_t  power, bucket;

    if (ns < LOAD_STEPS) {
        return (uint32_t) ns;
    }

    power = 63 - (uint32_t) __builtin_clzll(ns);
    bucket = (power - 5) * LOAD_STEPS
             + ((uint32_t) (ns >> (power - 6)) & (LOAD_STEPS - 1));

    return bucket < LOAD_BUCKETS ? bucket : LOAD_BUCKETS - 1;
}


/* The lower bound of a bucket, ns. */
static uint64_t
load_bucket_ns(uint32_t bucket)
{
    if (bucket < LOAD_STEPS) {
        return bucket;
    }

    return (uint64_t) (LOAD_STEPS + bucket % LOAD_STEPS)
           << (bucket / LOAD_STEPS - 1);
}


static void
load_done(load_t *load, load_connection_t *c, uint64_t now)
{
    uint64_t           slice;
    bench_response_t  *r;

    r = &c->response;

    if (r->status != (load->body != NULL ? 204 : 200)) {
        load_die("response", "another status");
    }

    if (load->length != 0 && r->body_len != load->length) {
        load_die("response", "the body has not the expected length");
    }

    if (load->expect != NULL
        && memmem(r->buffer + r->body_at, r->len - r->body_at, load->expect,
                  strlen(load->expect)) == NULL)
    {
        load_die("response", "the body does not hold what is expected");
    }

    if (load->started == 0) {
        return;
    }

    if (now - load->last > load->stall) {
        load->stall = now - load->last;
    }

    slice = (now - load->started) / LOAD_SLICE_NS;

    load->last = now;
    load->n_responses++;
    load->n_bytes += r->body_len;
    load->latencies[load_bucket(now - c->sent)]++;
    load->slices[slice < LOAD_SLICES ? slice : LOAD_SLICES - 1]++;
}


static void
load_readable(load_t *load, load_connection_t *c)
{
    int                whole;
    ssize_t            n;
    bench_response_t  *r;

    r = &c->response;

    n = recv(c->fd, r->buffer + r->len, BENCH_RESPONSE_MAX - r->len, 0);

    if (n == -1 && errno == EAGAIN) {
        return;
    }

    if (n <= 0) {
        load_closed(load, c);
        return;
    }

    r->len += (size_t) n;
    whole = bench_response_whole(r);

    if (whole == -1) {
        load_die("response", r->wrong);
    }

    if (whole) {
        load_done(load, c, load_now());
        load_send(load, c);
    }
}


/* --- the run ------------------------------------------------------------ */

static void
load_until(load_t *load, uint64_t end)
{
    int                  i, n;
    struct epoll_event   events[LOAD_CONNECTIONS];

    while (load->count ? load->n_responses < load->count
                       : load_now() < end)
    {
        n = epoll_wait(load->epoll, events, LOAD_CONNECTIONS, 0);

        for (i = 0; i < n; i++) {
            load_readable(load, events[i].data.ptr);
        }
    }
}


static double
load_percentile(const load_t *load, double share)
{
    uint32_t  bucket;
    uint64_t  n;

    n = 0;

    for (bucket = 0; bucket < LOAD_BUCKETS; bucket++) {
        n += load->latencies[bucket];

        if ((double) n >= share * (double) load->n_responses) {
            break;
        }
    }

    return (double) load_bucket_ns(bucket) / 1000.0;
}


static void
load_report(const load_t *load, uint64_t elapsed, uint64_t cpu)
{
    double    n;
    uint64_t  slice, n_slices;

    n = (double) load->n_responses;

    printf("{\"requests\":%.0f,\"per_second\":%.1f,\"cpu_us\":%.3f,"
           "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,"
           "\"body_bytes\":%.1f,\"stall_ms\":%.3f,\"closed\":%llu,"
           "\"lost\":%llu",
           n, n * 1e9 / (double) elapsed, (double) cpu / 1000.0 / n,
           load_percentile(load, 0.5), load_percentile(load, 0.99),
           load_percentile(load, 0.999), (double) load->n_bytes / n,
           (double) load->stall / 1e6, (unsigned long long) load->n_closed,
           (unsigned long long) load->n_lost);

    if (load->reload) {
        n_slices = load->time_ns / LOAD_SLICE_NS;

        for (slice = 0; slice < n_slices && slice < LOAD_SLICES; slice++) {
            printf("%s%u", slice ? "," : ",\"slices\":[",
                   load->slices[slice]);
        }

        printf("]");
    }

    printf("}\n");
}


static void
load_run(load_t *load)
{
    uint32_t            i;
    uint64_t            cpu;
    load_connection_t  *c;

    load->epoll = epoll_create1(0);

    for (i = 0; i < load->n_connections; i++) {
        c = &load->connections[i];
        c->response.buffer = load_alloc(BENCH_RESPONSE_MAX + 1);
        load_connect(load, c);
        load_send(load, c);
    }

    if (load->count == 0) {
        load_until(load, load_now() + load->warm_up_ns);
    }

    if (load->reload) {
        /* the time line begins */
        fprintf(stderr, "measuring\n");
    }

    cpu = load_cpu(load->pid);
    load->started = load_now();
    load->last = load->started;
    load_until(load, load->started + load->time_ns);

    load_report(load, load_now() - load->started,
                load_cpu(load->pid) - cpu);
}


int
main(int argc, char **argv)
{
    int            option;
    static load_t  load;

    load.n_connections = 64;
    load.time_ns = 1000000000;
    load.warm_up_ns = 200000000;

    while ((option = getopt(argc, argv, "c:t:w:l:e:p:u:rb:n:")) != -1) {
        switch (option) {

        case 'c':
            load.n_connections = (uint32_t) strtoul(optarg, NULL, 10);
            break;

        case 't':
            load.time_ns = (uint64_t) (strtod(optarg, NULL) * 1e9);
            break;

        case 'w':
            load.warm_up_ns = (uint64_t) (strtod(optarg, NULL) * 1e9);
            break;

        case 'l':
            load.length = strtoul(optarg, NULL, 10);
            break;

        case 'e':
            load.expect = optarg;
            break;

        case 'p':
            load.pid = atoi(optarg);
            break;

        case 'u':
            load.users = optarg;
            break;

        case 'r':
            load.reload = 1;
            break;

        case 'b':
            load.body = optarg;
            break;

        case 'n':
            load.count = strtoull(optarg, NULL, 10);
            break;

        default:
            return 2;
        }
    }

    if (argc - optind != 2 || load.users == NULL || load.n_connections == 0
        || load.n_connections > LOAD_CONNECTIONS)
    {
        fprintf(stderr, "usage: bench_load [options] -u USERS PORT PATH\n");
        return 2;
    }

    load.port = atoi(argv[optind]);
    load.path = argv[optind + 1];

    if (!bench_requests_read(&load.requests, load.users, load.path,
                             load.body))
    {
        load_die(load.users, load.requests.wrong);
    }

    load_run(&load);

    return 0;
}
