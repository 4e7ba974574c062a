# recs_track and recs_event_log: nginx itself records what was viewed, and what
# it wrote trains the next model.

use strict;
use warnings;

use Fcntl qw(LOCK_SH);
use FindBin;
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

$t->publish($t->bundle('a'), 'shop');


sub configure {
    my (%options) = @_;

    my $log = $options{log} // 'flush=50ms';
    my $extra = $options{extra} // '';

    $t->conf(<<"END", workers => $options{workers} // 1);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot best { model shop; strategy popular; count 5; }

    map \$arg_kind \$bought { default ""; buy \$arg_item; }

    recs_user \$cookie_uid;
    recs_event_log %%DIR%%/events $log;

    server {
        listen 127.0.0.1:%%PORT%% reuseport;
        root %%DIR%%/www;

        location /recs/ { recs_api; }
        location /status { recs_status; }

        location /item {
            recs_track view \$arg_item;
            recs_track purchase \$bought;
            try_files /page.html =404;
        }

        location /consent {
            recs_consent \$arg_consent;
            recs_track view \$arg_item;
            try_files /page.html =404;
        }

        location /loop {
            recs_event_log %%DIR%%/loop flush=50ms;
            recs_track view \$arg_item;
            try_files /page.html =404;
        }

        location /other {
            recs_event_log %%DIR%%/other flush=50ms;
            recs_track view \$arg_item;
            try_files /page.html =404;
        }

        location /missing {
            recs_track view \$arg_item;
            return 404;
        }

        location /off {
            recs_event_log off;
            recs_track view \$arg_item;
            try_files /page.html =404;
        }

        $extra
    }
}
END
}


mkdir $t->path('www') or die;
$t->write('www/page.html', 'a page that can be had in parts');
configure();


# --- nginx -t creates nothing -------------------------------------------------

my ($status, $output) = $t->test;
is($status, 0, 'the configuration is right') or diag($output);
ok(!-e $t->path('events.0'), 'and was only tested');

$t->start;
ok(-e $t->path('events.0'), 'one file per worker');
ok(!-e $t->path('events.1'), 'and no more');


# Every whole record so far; dies of one that is not JSON.
sub events {
    my ($file) = @_;

    my $text = $t->read($file // 'events.0');
    $text =~ s/[^\n]*\z//;

    return map { decode_json($_) } split /\n/, $text;
}


sub logged {
    my ($n) = @_;

    $t->wait_for("$n events", sub { events() >= $n });
    my @events = events();
    is(scalar(@events), $n, "$n events");

    return @events;
}


sub counted { return $t->json('/status')->{json}{events}{$_[0]} }


# --- what counts ---------------------------------------------------------------

my $before = int(time * 1000);
$t->get('/item?item=i3', Cookie => 'uid=u1');
my ($event) = logged(1);

is($event->{event}, 'view', 'event');
is($event->{item}, 'i3', 'item');
is($event->{user}, 'u1', 'user');
is($event->{worker}, 0, 'worker');
is($event->{seq}, 0, 'seq');
cmp_ok(abs($event->{ts} - $before), '<', 60_000, 'ts in milliseconds');
like($event->{boot}, qr/^\d+-\d+$/, 'boot');
like($event->{id}, qr/^\Q$event->{boot}\E-0-0$/, 'id');

$t->get('/item?item=i4&kind=buy', Cookie => 'uid=u2');
my @events = logged(3);
is_deeply([map { "$_->{event} $_->{item}" } @events[1, 2]],
          ['view i4', 'purchase i4'], 'two directives, two events');

# None of these is a view.
$t->head('/item?item=i3', Cookie => 'uid=u1');
$t->post('/item?item=i3', Cookie => 'uid=u1', ':body' => 'x');
$t->get('/missing?item=i3', Cookie => 'uid=u1');
$t->get('/off?item=i3', Cookie => 'uid=u1');
$t->get('/off?item=i3');
$t->get('/off?item=' . 'x' x 129);
$t->get('/item', Cookie => 'uid=u1');
$t->get('/item?item=', Cookie => 'uid=u1');

my $page = $t->get('/page.html');
is($t->get('/item?item=i3', Range => 'bytes=2-3', Cookie => 'uid=u1')
     ->{status}, 206, 'a part of the page');
is($t->get('/item?item=i3', 'If-None-Match' => $page->{headers}{etag},
           Cookie => 'uid=u1')->{status}, 304, 'an unchanged page');

$t->get('/item?item=' . 'x' x 129, Cookie => 'uid=u1');
is(counted('invalid'), 1, 'an item that is no id is counted');

$t->get('/item?item=i5', Cookie => 'uid=u1');
@events = logged(4);
is($events[3]{item}, 'i5', 'what is no view was not logged');
is($events[3]{seq}, 3, 'seq has no gap');

# Each log counts for itself: a view in one is no gap in another.
$t->get('/other?item=i1', Cookie => 'uid=u1');
$t->wait_for('the other log', sub { events('other.0') });
my ($other) = events('other.0');
is($other->{seq}, 0, 'another log counts from 0');
isnt($other->{id}, $events[0]{id}, 'and has ids of its own');


# --- who ---------------------------------------------------------------------------

$t->get('/item?item=i6');
$t->get('/item?item=i7', Cookie => 'uid=' . 'u' x 129);
$t->get('/consent?item=i8&consent=0', Cookie => 'uid=u1');
$t->get('/consent?item=i9', Cookie => 'uid=u1');
$t->get('/consent?item=i10&consent=1', Cookie => 'uid=u1');
$t->get('/consent?item=i11&consent=2', Cookie => 'uid=u1');

@events = logged(10);
is_deeply([map { $_->{user} // '-' } @events[4 .. 9]],
          ['-', '-', '-', '-', 'u1', 'u1'],
          'no id, no valid id, no consent: no user');
is(counted('anonymous'), 4, 'counted');

my $quoted = 'a"b\\c<\'>';
$t->get("/item?item=$quoted", Cookie => "uid=q\"\\u");
@events = logged(11);
is_deeply([map { $_->{seq} } @events], [0 .. 10],
          'views in another log are no gap in this one');
is($events[10]{item}, $quoted, 'an id is escaped');
is($events[10]{user}, 'q"\\u', 'and a user');

$t->get('/item?item=caf%C3%A9%20%2B', Cookie => 'uid=u1');
@events = logged(12);
is($events[11]{item}, "caf\x{e9} +", 'an id from the URL is decoded');

is(counted('written'), 13, 'written, by both logs');
is(counted('dropped'), 0, 'none is lost');


# --- rotation, exit, respawn ------------------------------------------------------

rename $t->path('events.0'), $t->path('events.0.old') or die;
$t->get('/item?item=i12', Cookie => 'uid=u1');
kill 'USR1', $t->master;
$t->wait_for('the new file', sub { -e $t->path('events.0') });
$t->wait_for('the last record', sub {
    grep { $_->{item} eq 'i12' } events('events.0.old'), events('events.0')
});
$t->get('/item?item=i13', Cookie => 'uid=u1');
$t->wait_for('a record in the new file', sub {
    grep { $_->{item} eq 'i13' } events(), events('events.0.old')
});
$t->wait_for('the worker to have reopened', sub {
    $t->get('/item?item=i14', Cookie => 'uid=u1');
    grep { $_->{item} eq 'i14' } events();
});

my @all = (events('events.0.old'), events());
my %seen;
is(scalar(grep { $seen{$_->{id}}++ } @all), 0, 'every id once');

SKIP: {
    skip 'root alone gives files away', 1 if $> != 0;
    isnt((stat $t->path('events.0'))[4], 0,
         'the new file is the workers\' own');
}

# Nothing waits for the timer when the worker ends.
configure(log => 'flush=1h buffer=1m');
$t->reload;
$t->get('/item?item=late', Cookie => 'uid=u1') for 1 .. 50;
is(scalar(grep { $_->{item} eq 'late' } events()), 0, 'buffered for an hour');
$t->reload;
is(scalar(grep { $_->{item} eq 'late' } events()), 50,
   'written at the exit of the worker');

my $seq = (events())[-1];
$t->get('/item?item=next', Cookie => 'uid=u1');
$t->reload;
my $next = (grep { $_->{item} eq 'next' } events())[0];
is($next->{boot}, $seq->{boot}, 'another process');
is($next->{seq}, $seq->{seq} + 1, 'counts on where it was');


# --- several workers, small buffer, many records --------------------------------

configure(log => 'flush=50ms buffer=4k', workers => 3);
$t->reload;
$t->wait_for('three files', sub { -e $t->path('events.2') });

my $socket;
my $lines = join '', map {
    "GET /item?item=many$_ HTTP/1.1\r\nHost: a\r\nCookie: uid=u1\r\n\r\n"
} 1 .. 200;

for my $connection (1 .. 6) {
    $t->raw($lines . "GET /page.html HTTP/1.1\r\nHost: a\r\n"
            . "Connection: close\r\n\r\n");
}

my @many;
$t->wait_for('all of them', sub {
    @many = grep { $_->{item} =~ /^many/ } map { events("events.$_") } 0 .. 2;
    @many >= 1200;
});
is(scalar(@many), 1200, '1200 views');
is(scalar(grep { $_->{worker} !~ /^[012]$/ } @many), 0, 'by three workers');


# --- the loop ----------------------------------------------------------------------

for my $user (1 .. 30) {
    $t->get("/loop?item=hit", Cookie => "uid=u$user");
    $t->get("/loop?item=second", Cookie => "uid=u$user") if $user <= 20;
    $t->get("/loop?item=third", Cookie => "uid=u$user") if $user <= 10;
}

$t->wait_for('the views', sub {
    60 == map { events("loop.$_") } 0 .. 2;
});

$t->recs('import', '--format', 'events', '-o', $t->path('loop.data'),
         map { $t->path("loop.$_") } 0 .. 2);
$t->recs('train', '--model', 'popularity', '--set', 'half_life_days=0',
         '--data', $t->path('loop.data'), '-o', $t->path('loop.mdb'));
my $generation = $t->publish($t->path('loop.mdb'), 'shop');

isnt($t->json('/recs/best')->{json}{items}[0]{id}, 'hit', 'not yet');
$t->reload;

my @served = map { $_->{id} } @{ $t->json('/recs/best')->{json}{items} };
is_deeply(\@served, [qw(hit second third)],
          'what was viewed is what is served');
is($t->json('/status')->{json}{models}[0]{generation}, $generation,
   'by the new generation');


# --- a full disk --------------------------------------------------------------------

SKIP: {
    my $disk = $t->path('disk');
    mkdir $disk or die;

    skip 'a full disk needs root and mount', 12
        if $> != 0
           || $t->run('mount', '-t', 'tmpfs', '-o', 'size=64k,mode=0777',
                      'none', $disk);

    eval {
        configure(log => 'flush=20ms buffer=4k', extra => <<'END');
        location /full {
            recs_event_log %%DIR%%/disk/events flush=20ms buffer=4k;
            recs_track view $arg_item;
            try_files /page.html =404;
        }
END
        $t->reload;

        my $fill = sub {
            $t->raw(join('', map {
                "GET /full?item=full$_ HTTP/1.1\r\nHost: a\r\n\r\n"
            } 1 .. 200) . "GET /page.html HTTP/1.1\r\nHost: a\r\n"
            . "Connection: close\r\n\r\n");
        };

        $t->expect(qr/recs_event_log: write to/);
        $t->wait_for('a full disk', sub {
            $fill->();
            counted('dropped') > 0;
        });

        is($t->get('/full?item=x')->{body}, $page->{body},
           'the page is served');

        my $text = $t->read('disk/events.0');
        like($text, qr/\n\z/, 'no half record at the end');
        is(scalar(grep { !eval { decode_json($_) } } split /\n/, $text), 0,
           'nor anywhere');
        like($t->log, qr/recs_event_log: write to.*No space left/,
             'the log says so');

        my $complaints = () = $t->log =~ /recs_event_log: write to/g;
        my $dropped = counted('dropped');
        $t->wait_for('more losses', sub {
            $fill->();
            counted('dropped') > $dropped;
        });
        is(scalar(() = $t->log =~ /recs_event_log: write to/g), $complaints,
           'but not each time');

        open my $fh, '>', $t->path('disk/events.0') or die;
        close $fh;
        $t->wait_for('events again', sub {
            $t->get('/full?item=after');
            grep { $_->{item} eq 'after' } events('disk/events.0');
        });
        pass('it goes on when there is room');

        $text = $t->read('disk/events.0');
        $text =~ s/[^\n]*\z//;
        is(scalar(grep { !eval { decode_json($_) } } split /\n/, $text), 0,
           'with whole records');

        # While somebody else has the file locked, half a line stays: the next
        # record in this file, and in no other, begins a new one.
        my $tear = sub {
            my $dropped = counted('dropped');

            open my $held, '<', $t->path('disk/events.0') or die;
            flock $held, LOCK_SH or die;
            $t->wait_for('a full disk again', sub {
                $fill->();
                counted('dropped') > $dropped;
            });
            unlike($t->read('disk/events.0'), qr/\n\z/, 'half a line');
        };

        $t->write('disk/ballast', 'x' x 16384);
        $tear->();
        unlink $t->path('disk/ballast') or die;
        $t->wait_for('a record behind it', sub {
            $t->get('/full?item=behind');
            $t->read('disk/events.0') =~ /"behind"\}\n/;
        });

        my @half = grep { !eval { decode_json($_) } }
                   split /\n/, $t->read('disk/events.0');
        is(scalar(@half), 1, 'is a line of its own');
        like($half[0], qr/^\{"id":/, 'and has nothing behind it');

        $tear->();
        unlink $t->path('disk/events.0') or die;
        kill 'USR1', $t->master;
        $t->wait_for('a record in a new file', sub {
            $t->get('/full?item=new');
            $t->read('disk/events.0') =~ /"new"\}\n/;
        });
        like($t->read('disk/events.0'), qr/^\{/,
             'which does not begin with the end of a line');
    };

    my $fault = $@;
    $t->stop;
    system 'umount', $disk;
    die $fault if $fault;
}

$t->stop;


# --- configuration ----------------------------------------------------------------

my %wrong = (
    'recs_track view $arg_item;' => undef,
    'recs_track View $arg_item;' => qr/invalid event name "View"/,
    'recs_event_log /x flush=0;' => qr/invalid flush time "0"/,
    'recs_event_log /x buffer=1;' => qr/invalid buffer size "1"/,
    'recs_event_log /x size=1;' => qr/invalid parameter "size=1"/,
    'recs_event_log a$b;' => qr/variables are not supported/,
    'recs_event_log %%DIR%%/events flush=3s;' => qr/other parameters before/,
    'recs_event_log %%DIR%%/nowhere/events;' => qr/No such file or directory/,
    'access_log %%DIR%%/events.0;' => qr/another directive's log/,
);

for my $line (sort keys %wrong) {
    configure(extra => "location /wrong { $line }");

    if ($wrong{$line}) {
        $t->refused($line, $wrong{$line});

    } else {
        my ($status, $output) = $t->test;
        is($status, 0, "right: $line") or diag($output);
    }
}

configure();
$t->write('nginx.conf',
          $t->read('nginx.conf') =~ s/^\s*recs_event_log .*flush=50ms;$//mr);
$t->refused('recs_track without a log',
            qr/location "\/\w+" needs a recs_event_log/);

$t->done;
