#include "recs_key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


/* A file that is being read. */
typedef struct {
    const char       *path;
    unsigned          line;
    uint8_t           seen[256];             /* key numbers of the file */
    recs_key_file_t  *keys;
} recs_key_reader_t;


static recs_status_t
recs_key_wrong(recs_key_reader_t *reader, const char *what, recs_error_t *err)
{
    return recs_error(err, RECS_INVALID, "key file \"%s\", line %u: %s",
                      reader->path, reader->line, what);
}


static int
recs_key_blank(char c)
{
    return c == ' ' || c == '\t';
}


static int
recs_key_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* Hex digits at p, up to last, as a key's bytes. */
static recs_status_t
recs_key_hex(recs_key_reader_t *reader, const char *p, const char *last,
    recs_key_t *key, recs_error_t *err)
{
    int  high, low;

    key->len = 0;

    for ( /* void */ ; p < last; p += 2) {
        high = recs_key_digit(p[0]);
        low = last - p > 1 ? recs_key_digit(p[1]) : -1;

        if (high < 0 || low < 0) {
            return recs_key_wrong(reader, "the key is not pairs of hex digits "
                                  "up to the line's end", err);
        }

        if (key->len == RECS_KEY_MAX) {
            return recs_key_wrong(reader, "the key is longer than 64 bytes, "
                                  "128 hex digits", err);
        }

        key->bytes[key->len++] = (uint8_t) (high << 4 | low);
    }

    if (key->len < RECS_KEY_MIN) {
        return recs_key_wrong(reader, "the key is shorter than 16 bytes, 32 "
                              "hex digits", err);
    }

    return RECS_OK;
}


/* The number at p up to last, 0 where it is none. */
static unsigned
recs_key_number(const char *p, const char *last)
{
    unsigned  number;

    for (number = 0; p < last && number <= 255; p++) {

        if (*p < '0' || *p > '9') {
            return 0;
        }

        number = number * 10 + (unsigned) (*p - '0');
    }

    return number <= 255 ? number : 0;
}


/* KID HEX, at p up to last, without blanks at either end. */
static recs_status_t
recs_key_line(recs_key_reader_t *reader, const char *p, const char *last,
    recs_error_t *err)
{
    unsigned          kid;
    recs_key_t        key;
    const char       *hex;
    recs_status_t     status;
    recs_key_file_t  *keys;

    keys = reader->keys;

    for (hex = p; hex < last && !recs_key_blank(*hex); hex++) {
        /* void */
    }

    kid = recs_key_number(p, hex);

    if (kid == 0) {
        return recs_key_wrong(reader, "it does not begin with a key's number "
                              "from 1 to 255", err);
    }

    if (reader->seen[kid]) {
        return recs_key_wrong(reader, "another key has this number", err);
    }

    reader->seen[kid] = 1;

    while (hex < last && recs_key_blank(*hex)) {
        hex++;
    }

    status = recs_key_hex(reader, hex, last, &key, err);

    if (status == RECS_OK && keys->n < RECS_KEY_FILE_LIVE) {
        key.kid = (uint8_t) kid;
        keys->live[keys->n++] = key;
    }

    explicit_bzero(&key, sizeof(recs_key_t));

    return status;
}


static recs_status_t
recs_key_lines(recs_key_reader_t *reader, const char *p, const char *last,
    recs_error_t *err)
{
    const char     *begin, *end, *next;
    recs_status_t   status;

    for ( /* void */ ; p < last; p = next) {

        reader->line++;

        end = memchr(p, '\n', (size_t) (last - p));
        next = end != NULL ? end + 1 : last;
        begin = p;

        if (end == NULL) {
            end = last;
        }

        while (begin < end && recs_key_blank(*begin)) {
            begin++;
        }

        while (end > begin && (recs_key_blank(end[-1]) || end[-1] == '\r')) {
            end--;
        }

        if (begin == end || *begin == '#') {
            continue;
        }

        status = recs_key_line(reader, begin, end, err);

        if (status != RECS_OK) {
            return status;
        }
    }

    if (reader->keys->n == 0) {
        return recs_error(err, RECS_INVALID, "key file \"%s\" has no key: "
                          "write lines like \"1 HEX\", 32 hex digits or more",
                          reader->path);
    }

    return RECS_OK;
}


recs_status_t
recs_key_file_parse(const char *path, const char *text, size_t len,
    recs_key_file_t *keys, recs_error_t *err)
{
    recs_status_t      status;
    recs_key_reader_t  reader;

    memset(&reader, 0, sizeof(recs_key_reader_t));
    memset(keys, 0, sizeof(recs_key_file_t));
    reader.path = path;
    reader.keys = keys;

    status = recs_key_lines(&reader, text, text + len, err);

    if (status != RECS_OK) {
        recs_key_file_forget(keys);
    }

    return status;
}


void
recs_key_file_forget(recs_key_file_t *keys)
{
    explicit_bzero(keys, sizeof(recs_key_file_t));
}


static recs_status_t
recs_key_failed(const char *what, const char *path, recs_error_t *err)
{
    return recs_error(err, RECS_IO, "%s key file \"%s\" failed (%d: %s)", what,
                      path, errno, strerror(errno));
}


static recs_status_t
recs_key_private(const char *path, int fd, recs_error_t *err)
{
    struct stat  st;

    if (fstat(fd, &st) != 0) {
        return recs_key_failed("fstat()", path, err);
    }

    if (!S_ISREG(st.st_mode)) {
        return recs_error(err, RECS_REFUSED, "key file \"%s\" is not a "
                          "regular file", path);
    }

    if (st.st_mode & (S_IROTH|S_IWOTH)) {
        return recs_error(err, RECS_REFUSED, "key file \"%s\" is open to "
                          "everybody: chmod o-rw it", path);
    }

    if (st.st_size > RECS_KEY_FILE_MAX) {
        return recs_error(err, RECS_REFUSED, "key file \"%s\" is over %d "
                          "bytes", path, RECS_KEY_FILE_MAX);
    }

    return RECS_OK;
}


recs_status_t
recs_key_file_read(const char *path, recs_key_file_t *keys, recs_error_t *err)
{
    int            fd;
    char           text[RECS_KEY_FILE_MAX];
    ssize_t        n;
    recs_status_t  status;

    /* Nonblocking: a pipe is refused, not waited for. */

    fd = open(path, O_RDONLY|O_NONBLOCK|O_CLOEXEC);

    if (fd == -1) {
        return recs_key_failed("open()", path, err);
    }

    n = 0;
    status = recs_key_private(path, fd, err);

    if (status == RECS_OK) {
        n = read(fd, text, sizeof(text));
        status = n == -1 ? recs_key_failed("read()", path, err) : RECS_OK;
    }

    close(fd);

    if (status == RECS_OK) {
        status = recs_key_file_parse(path, text, (size_t) n, keys, err);
        explicit_bzero(text, (size_t) n);
    }

    return status;
}
