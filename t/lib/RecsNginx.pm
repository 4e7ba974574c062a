package RecsNginx;

# A real nginx with the module, in a folder of its own.
#
#     my $t = RecsNginx->new;
#     $t->publish($t->bundle('a'), 'shop');     folder shop, generation 1
#     $t->conf(<<'END');
#     http {
#         %%HTTP%%
#         recs_model m %%DIR%%/shop;
#         ...
#         server { listen 127.0.0.1:%%PORT%%; location /recs/ { recs_api; } }
#     }
#     END
#     $t->start;
#     my $r = $t->get('/recs/for_you', Cookie => 'uid=u1');
#     is($r->{status}, 200);
#     $t->done;                                 stops, checks the error log
#
# %%PORT%% is the first free port, %%PORT_x%% one more named x, %%DIR%% the
# folder, %%HTTP%% what every http block needs.  The environment: RECS_BUILD
# (build), RECS_NGINX (/usr/sbin/nginx), RECS_MODULE (the .so, empty: built
# in).  A response is { status, headers => { lower-case => value }, body,
# head, raw }; a repeated header's values are joined by "\n".

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Socket qw(SOL_SOCKET SO_REUSEADDR);
use Test::More;
use Time::HiRes qw(sleep time);

our $WAIT = 30;                         # seconds, for any condition


sub new {
    my ($class, %options) = @_;

    my $build = $ENV{RECS_BUILD} // 'build';
    my $nginx = $ENV{RECS_NGINX} // '/usr/sbin/nginx';
    my $module = $ENV{RECS_MODULE} // "$build/ngx_http_recs_module.so";

    plan(skip_all => "no $build/recs: run make") unless -x "$build/recs";
    plan(skip_all => "no $nginx") unless -x $nginx;
    plan(skip_all => "no $module: run make")
        if length $module && !-e $module;

    my $dir = tempdir('recs_t.XXXXXX', TMPDIR => 1,
                      CLEANUP => !$ENV{RECS_KEEP});
    chmod 0755, $dir;                   # the worker's user reads it
    mkdir "$dir/$_" or die "$_: $!" for qw(logs temp);

    return bless {
        dir      => $dir,
        recs     => abs_path("$build/recs"),
        nginx    => abs_path($nginx),
        module   => length $module ? abs_path($module) : '',
        expected => [],
        owner    => $$,
    }, $class;
}


sub dir  { return $_[0]{dir} }
sub path { return "$_[0]{dir}/$_[1]" }


# Was nginx built with it: $t->has('http_v2_module')
sub has {
    my ($self, $what) = @_;

    my $options = `$self->{nginx} -V 2>&1`;
    return $options =~ /--with-\Q$what\E\b/ ? 1 : 0;
}


# A free port, always the same for a name.  It is held by a bound socket that
# does not listen: nginx, with SO_REUSEADDR, may listen there, and nobody who
# asks for any free port is given it.
sub port {
    my ($self, $name) = @_;

    return $self->{ports}{$name // ''} //= do {
        my $socket = IO::Socket::INET->new(
            Proto => 'tcp', LocalAddr => '127.0.0.1', LocalPort => 0)
            or die "port: $!";
        $socket->setsockopt(SOL_SOCKET, SO_REUSEADDR, 1) or die "port: $!";
        push @{ $self->{held} }, $socket;
        $socket->sockport;
    };
}


sub write {
    my ($self, $file, $text) = @_;

    my $path = $file =~ m{^/} ? $file : $self->path($file);

    open my $fh, '>:raw', $path or die "$path: $!";
    print {$fh} $text;
    close $fh or die "$path: $!";

    return $path;
}


sub read {
    my ($self, $file) = @_;

    open my $fh, '<:raw', $file =~ m{^/} ? $file : $self->path($file)
        or return '';
    local $/;

    return scalar(<$fh>) // '';
}


# --- configuration -------------------------------------------------------

# The text of nginx.conf from `http` on; `globals` stands before events.
sub conf {
    my ($self, $text, %options) = @_;

    my $dir = $self->{dir};
    my $http = join "\n    ", "access_log off;", map {
        "${_}_temp_path $dir/temp/$_;"
    } qw(client_body proxy fastcgi uwsgi scgi);

    my $workers = $self->{n_workers} = $options{workers} // 1;
    my $globals = $options{globals} // '';
    my $load = $self->{module} ? "load_module $self->{module};" : '';
    my $level = $options{log} // 'info';

    $text = <<"END" . $text;
$load
worker_processes $workers;
pid $dir/nginx.pid;
error_log $dir/logs/error.log $level;
$globals
events { worker_connections 512; }
END

    $text =~ s/%%HTTP%%/$http/g;
    $text =~ s/%%DIR%%/$dir/g;
    $text =~ s/%%PORT%%/$self->port/ge;
    $text =~ s/%%PORT_(\w+)%%/$self->port($1)/ge;

    $self->write('nginx.conf', $text);

    return $self;
}


# The command line of this nginx, as a list.
sub command {
    my ($self, @more) = @_;

    return ($self->{nginx}, '-p', "$self->{dir}/", '-c',
            "$self->{dir}/nginx.conf", '-e', "$self->{dir}/logs/error.log",
            @more);
}


# nginx -t: (exit status, what it said)
sub test {
    my ($self) = @_;

    return $self->run($self->command('-t'));
}


# Runs a program: (exit status, stdout and stderr)
sub run {
    my ($self, @command) = @_;

    my $pid = open(my $fh, '-|') // die "fork: $!";

    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        exec { $command[0] } @command or POSIX::_exit(127);
    }

    my $output = do { local $/; <$fh> } // '';
    close $fh;

    return ($? >> 8 || $? & 127, $output);
}


# --- processes ------------------------------------------------------------

# Until the condition holds; its value.  Fails loudly, naming what.
sub wait_for {
    my ($self, $what, $condition) = @_;

    my $end = time + $WAIT;

    while (1) {
        my $value = $condition->();
        return $value if $value;

        if (time > $end) {
            diag($self->log);
            die "waited $WAIT s for $what\n";
        }

        sleep 0.01;
    }
}


sub start {
    my ($self) = @_;

    my ($status, $output) = $self->run($self->command);

    if ($status != 0) {
        diag($output, $self->log);
        die "nginx did not start\n";
    }

    # Remembered: where a test dies, the folder goes before DESTROY comes.
    $self->{started} = $self->wait_for('the pid file',
                                       sub { $self->master });
    $self->wait_for('workers', sub { $self->workers == $self->{n_workers} });

    return $self;
}


sub master {
    my ($self) = @_;

    my ($pid) = $self->read('nginx.pid') =~ /^(\d+)$/m;
    return $pid;
}


# A process that has ended lives no more, reaped by its parent or not.
sub alive {
    my ($self, $pid) = @_;

    my ($state) = $self->read("/proc/$pid/stat") =~ /^.*\) (\S)/s;
    return defined $state && $state ne 'Z';
}


# Pids of the workers, those that are shutting down only with `old`.
sub workers {
    my ($self, %options) = @_;

    my $master = $self->master or return;
    my @pids;

    for my $pid (split ' ', $self->read("/proc/$master/task/$master/children"))
    {
        my $title = $self->read("/proc/$pid/cmdline");

        next unless $title =~ /^nginx: worker process/;
        next if $title =~ /shutting down/ && !$options{old};
        push @pids, $pid;
    }

    @pids = sort { $a <=> $b } @pids;

    return @pids;
}


# HUP, until every worker is a new one.  Dies where the configuration is
# refused: for that see reload_fails().
sub reload {
    my ($self, %options) = @_;

    my %before = map { $_ => 1 } $self->workers(old => 1);
    my $n = keys %before;

    kill 'HUP', $self->master;

    $self->wait_for('new workers', sub {
        my @now = $self->workers(old => 1);
        my @new = grep { !$before{$_} } $self->workers;

        return 0 unless @new && @new == @{[$self->workers]};
        return $options{drain} // 1
            ? !grep({ $before{$_} } @now) && @new >= 1 : 1;
    });

    return $self;
}


# HUP with a configuration that must be refused: what was logged meanwhile.
# The workers are the old ones, which serve on.
sub reload_fails {
    my ($self, $expected) = @_;

    my $seen = length $self->log;
    my @before = $self->workers;

    kill 'HUP', $self->master;

    $self->wait_for("\"$expected\" in the log", sub {
        substr($self->log, $seen) =~ $expected;
    });

    is_deeply([$self->workers], \@before, 'the old workers serve on');
    $self->expect($expected);

    return substr $self->log, $seen;
}


# Kills a worker, waits for the one that the master starts in its place.
sub kill_worker {
    my ($self, $pid, $signal) = @_;

    my %before = map { $_ => 1 } $self->workers;

    $self->expect(qr/worker process $pid exited on signal/);
    kill $signal // 'KILL', $pid;

    return $self->wait_for('a worker in its place', sub {
        my @new = grep { !$before{$_} } $self->workers;
        return $new[0];
    });
}


sub stop {
    my ($self, $signal) = @_;

    my $pid = $self->master // $self->{started} // return;
    delete $self->{started};

    # Nobody else, should the pid be used again.
    return unless $self->read("/proc/$pid/cmdline") =~ /\Q$self->{dir}\E/;

    kill $signal // 'QUIT', $pid;
    my $end = time + $WAIT;

    while ($self->alive($pid)) {
        if (time > $end) {
            kill 'KILL', $pid, $self->workers(old => 1);
            die "nginx did not stop\n";
        }

        sleep 0.01;
    }

    return $self;
}


sub log { return $_[0]->read('logs/error.log') }


# Lines of the error log that match are wanted by the test: not a fault.
sub expect {
    my ($self, $pattern) = @_;

    push @{ $self->{expected} }, $pattern;
}


# Stops nginx; no process may be left and nothing alarming be in the log; ends
# the plan.
sub done {
    my ($self) = @_;

    my @pids = $self->master ? ($self->master, $self->workers(old => 1)) : ();

    $self->stop;

    my @left = grep { $self->alive($_) } @pids;
    is("@left", '', 'no process is left');

    my @faults = grep {
        my $line = $_;
        $line =~ /\[(?:alert|crit|emerg)\]|Sanitizer|runtime error:/
            && !grep { $line =~ $_ } @{ $self->{expected} };
    } split /\n/, $self->log;

    is(join("\n", @faults), '', 'a quiet error log');
    diag($self->log) if grep { /Sanitizer|runtime error/ } @faults;

    done_testing();
}


sub DESTROY {
    my ($self) = @_;

    return unless $self->{owner} == $$;

    local ($?, $!, $@);
    eval { $self->stop('TERM') };
}


# --- requests --------------------------------------------------------------

sub socket {
    my ($self, $port) = @_;

    return IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $port // $self->port,
        Timeout  => $WAIT) // die "connect: $!";
}


# Sends bytes, reads to the end of the connection: all bytes that came.
sub raw {
    my ($self, $bytes, %options) = @_;

    my $socket = $self->socket($options{port});
    my $answer = '';
    my $select = IO::Select->new($socket);

    $socket->syswrite($bytes);

    while (1) {
        $select->can_read($WAIT) or die "no answer within $WAIT s\n";
        last unless $socket->sysread($answer, 65536, length $answer);
    }

    return $answer;
}


# request('GET', '/x', Cookie => 'a=b', ...); a key that begins with a colon
# is an option: ':port', ':version' (1.1), ':body'.
sub request {
    my ($self, $method, $uri, @headers) = @_;

    my (%options, $lines);
    $lines = '';

    while (my ($name, $value) = splice @headers, 0, 2) {
        if ($name =~ /^:(.*)/) {
            $options{$1} = $value;
        } else {
            $lines .= "$name: $value\r\n";
        }
    }

    my $version = $options{version} // '1.1';
    my $body = $options{body} // '';

    $lines .= 'Content-Length: ' . length($body) . "\r\n" if length $body;

    return $self->parse($self->raw(
        "$method $uri HTTP/$version\r\nHost: localhost\r\n"
        . "Connection: close\r\n$lines\r\n$body", %options));
}


sub get  { my $self = shift; return $self->request('GET', @_) }
sub head { my $self = shift; return $self->request('HEAD', @_) }
sub post { my $self = shift; return $self->request('POST', @_) }


# The same, with the body decoded from JSON as `json`.
sub json {
    my ($self, @arguments) = @_;

    my $response = $self->get(@arguments);
    $response->{json} = eval { JSON::PP::decode_json($response->{body}) };

    return $response;
}


sub parse {
    my ($self, $raw) = @_;

    my ($head, $body) = $raw =~ /^(.*?)\r\n\r\n(.*)$/s
        or return { status => 0, headers => {}, body => '', head => '',
                    raw => $raw };

    my ($status) = $head =~ m{^HTTP/1\.\d (\d+)};
    my %headers;

    for my $line (split /\r\n/, $head) {
        next unless $line =~ /^([^:\s]+):\s*(.*)$/;
        my $name = lc $1;
        $headers{$name} = exists $headers{$name} ? "$headers{$name}\n$2" : $2;
    }

    if (($headers{'transfer-encoding'} // '') eq 'chunked') {
        my ($decoded, $whole) = ('', 0);

        while ($body =~ s/^([0-9a-f]+)\r\n//i) {
            my $n = hex $1;

            if ($n == 0) {
                $whole = 1;
                last;
            }

            $decoded .= substr $body, 0, $n, '';
            $body =~ s/^\r\n//;
        }

        return { status => $status, headers => \%headers, body => $decoded,
                 head => $head, raw => $raw, truncated => !$whole };
    }

    my $length = $headers{'content-length'};

    return { status => $status, headers => \%headers, body => $body,
             head => $head, raw => $raw,
             truncated => defined $length && $length != length $body
                          && length $body ? 1 : 0 };
}


# --- models ------------------------------------------------------------------

# Runs the recs command; dies where it fails.
sub recs {
    my ($self, @arguments) = @_;

    my ($status, $output) = $self->run($self->{recs}, @arguments);
    die "recs @arguments: $output\n" if $status != 0;

    return $output;
}


# A small model of two tastes, the same for the same options: users u1 .. and
# items i1 ..; odd users like odd items.  Its path.
#
#     users => 40, items => 30, seed => 1, model => 'ials', factors => 8
#     attributes => { i3 => { title => '<b>', url => '...' } }
#
# Every item has title, url, image, category; `attributes` replaces some.
sub bundle {
    my ($self, $name, %options) = @_;

    my $n_users = $options{users} // 40;
    my $n_items = $options{items} // 30;
    my $random = $options{seed} // 1;
    my $model = $options{model} // 'ials';
    my @settings = $model eq 'ials'
        ? ('--set', 'factors=' . ($options{factors} // 8)) : ();

    my $below = sub {
        $random = ($random * 1103515245 + 12345) % 2147483648;
        return int($random / 65536) % $_[0];
    };

    my $events = "user,item,timestamp\n";

    for my $u (1 .. $n_users) {
        for my $n (1 .. 8) {
            my $i = 1 + $below->($n_items);
            $i += 1 if ($i + $u) % 2 && $below->(10) > 0;
            $i = 1 + $u % 2 if $i > $n_items;
            $events .= "u$u,i$i," . (1700000000 + 86400 * $n + $u) . "\n";
        }
    }

    my @columns = qw(title url image category);
    my $items = join(',', 'item', @columns) . "\n";

    for my $i (1 .. $n_items) {
        my %values = (title => "Item $i", url => "/item/i$i",
                      image => "/images/$i.png",
                      category => $i % 2 ? 'odd' : 'even',
                      %{ $options{attributes}{"i$i"} // {} });

        $items .= join(',', "i$i", map {
            my $value = $values{$_};
            $value =~ s/"/""/g;
            "\"$value\"";
        } @columns) . "\n";
    }

    $self->write("$name.events.csv", $events);
    $self->write("$name.items.csv", $items);

    $self->recs('import', '--format', 'csv', '--items',
                $self->path("$name.items.csv"), '-o',
                $self->path("$name.data"), $self->path("$name.events.csv"));
    $self->recs('train', '--model', $model, @settings, '--data',
                $self->path("$name.data"), '-o', $self->path("$name.mdb"));
    chmod 0644, $self->path("$name.mdb");

    return $self->path("$name.mdb");
}


# Publishes a bundle into a folder; the generation, "000002-9f3c21aa".
sub publish {
    my ($self, $bundle, $folder) = @_;

    $self->recs('publish', $bundle, $self->path($folder));

    my ($generation) = readlink($self->path("$folder/current"))
        =~ /^gen-(\d{6}-[0-9a-f]{8})\.mdb$/ or die "no generation\n";

    return $generation;
}


# What the command answers offline: the ids, in order.
sub offline {
    my ($self, $bundle, $user, $k) = @_;

    my $output = $self->recs('recommend', $bundle, '--user', $user, '-k',
                             $k // 10, '--json');

    return map { $_->{id} } @{ JSON::PP::decode_json($output)->{items} };
}


1;
