/*
 * recs_key_file: keys that sign, as nginx and `recs assign` read them.
 *
 *     # one key per line: its number, 1 to 255, and 16 to 64 bytes in hex
 *     2 9c1f...
 *     1 04ab...
 *
 * The first key signs, the first two are checked against: a new key goes on
 * top, the one below it lives until the next.
 */

#ifndef _RECS_KEY_FILE_H_INCLUDED_
#define _RECS_KEY_FILE_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


#define RECS_KEY_FILE_LIVE  2
#define RECS_KEY_FILE_MAX   16384            /* bytes */
#define RECS_KEY_MIN        16
#define RECS_KEY_MAX        64               /* SHA-256's block */


typedef struct {
    uint8_t  kid;
    uint8_t  len;
    uint8_t  bytes[RECS_KEY_MAX];
} recs_key_t;

/* Secrets: recs_key_file_forget() what is no longer needed. */
typedef struct {
    unsigned    n;                           /* at least 1 */
    recs_key_t  live[RECS_KEY_FILE_LIVE];
} recs_key_file_t;


/*
 * A regular file that nobody but its owner and group can read.
 *
 * RECS_IO       cannot be opened or read
 * RECS_REFUSED  no such file: another kind, too large, open to everybody
 * RECS_INVALID  a line is wrong; err names it
 */
recs_status_t recs_key_file_read(const char *path, recs_key_file_t *keys,
    recs_error_t *err);

/* The same of its text, len bytes; path is for err. */
recs_status_t recs_key_file_parse(const char *path, const char *text,
    size_t len, recs_key_file_t *keys, recs_error_t *err);

void recs_key_file_forget(recs_key_file_t *keys);


#endif /* _RECS_KEY_FILE_H_INCLUDED_ */
